import { describe } from 'vitest';
import { testRows } from '../attacks/matrix.js';
import { floods } from '../attacks/rows/floods.js';
import { slowWire } from '../attacks/rows/slow-wire.js';

describe('floods', () => testRows(floods));
describe('slow clients', () => testRows(slowWire));
