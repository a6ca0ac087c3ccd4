import { testRow } from './matrix.js';
import { paths } from './rows/paths.js';

testRow(paths);
