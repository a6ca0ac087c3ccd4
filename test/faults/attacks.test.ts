import { testRow } from '../attacks/matrix.js';
import { floods } from '../attacks/rows/floods.js';
import { slowWire } from '../attacks/rows/slow-wire.js';

testRow(floods);
testRow(slowWire);
