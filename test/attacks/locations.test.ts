import { testRow } from './matrix.js';
import { locations } from './rows/locations.js';

testRow(locations);
