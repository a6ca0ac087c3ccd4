import { testRow } from './matrix.js';
import { queries } from './rows/queries.js';

testRow(queries);
