import { testRow } from './matrix.js';
import { bodies } from './rows/bodies.js';

testRow(bodies);
