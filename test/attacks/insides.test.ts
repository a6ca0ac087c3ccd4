import { testRow } from './matrix.js';
import { insides } from './rows/insides.js';

testRow(insides);
