import { testRows } from './matrix.js';
import { tokens } from './rows/tokens.js';

testRows(tokens);
