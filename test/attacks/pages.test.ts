import { testRow } from './matrix.js';
import { uploadedPages } from './rows/pages.js';

testRow(uploadedPages);
