import { testRow } from './matrix.js';
import { emptying } from './rows/emptying.js';

testRow(emptying);
