import { testRow } from './matrix.js';
import { tokens } from './rows/tokens.js';

testRow(tokens);
