import { testRow } from './matrix.js';
import { wire } from './rows/wire.js';

testRow(wire);
