import { testRow } from './matrix.js';
import { browsers } from './rows/browsers.js';

testRow(browsers);
