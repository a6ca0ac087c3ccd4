import { testRows } from './matrix.js';
import { bodies } from './rows/bodies.js';
import { browsers } from './rows/browsers.js';
import { emptying } from './rows/emptying.js';
import { locations } from './rows/locations.js';
import { uploadedPages } from './rows/pages.js';
import { paths } from './rows/paths.js';
import { queries } from './rows/queries.js';
import { wire } from './rows/wire.js';

testRows(paths, locations, emptying, browsers, uploadedPages, queries, bodies, wire);
