import { testRows } from './matrix.js';
import { insides } from './rows/insides.js';

testRows(insides);
