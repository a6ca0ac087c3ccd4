import { describe, expect, it } from 'vitest';
import { recordDatabase } from '../../../adapters/submarine/translate/records.js';
import type { RunKey } from '../../../src/core/ids.js';
import type { Columns, RowOf } from '../../../src/core/ports/index.js';
import { aRun } from '../../support/builders.js';

const run = aRun({ key: 12 as RunKey });
const id = 'experiment_1586156073228_0012';

function read(table: string, values: RowOf<Columns>) {
  const found = recordDatabase(1586156073228).tables.find(({ name }) => name === table);
  if (found === undefined) throw new Error('there is no such table');
  return found.read(values, run);
}

const metric = {
  id,
  key: 'loss',
  value: 0.5,
  worker_index: 'worker-0',
  timestamp: 1_592_057_969_123_456n,
  step: 3n,
  is_nan: 0n,
};
const point = {
  key: 'loss',
  kind: 'finite',
  value: 0.5,
  step: 3n,
  timestampMs: 1592057969123n,
  timestampUs: 456,
};

describe('a row of metrics', () => {
  it.each([
    ['a number', {}, {}],
    ['the id as later versions write it', { id: 'experiment-1586156073228-0012' }, {}],
    ['NaN', { value: 0, is_nan: 1n }, { kind: 'nan', value: null }],
    ['infinity', { value: Number.MAX_VALUE }, { kind: 'pinf', value: null }],
    ['minus infinity', { value: -Number.MAX_VALUE }, { kind: 'ninf', value: null }],
    ['another worker', { worker_index: 'ps-1' }, { worker: 'ps-1' }],
    ['no worker', { worker_index: null }, {}],
    ['no step', { step: null }, { step: 0n }],
    ['a time before 1970', { timestamp: -1n }, { timestampMs: -1n, timestampUs: 999 }],
  ])('%s', (_name, values, fields) => {
    expect(read('metric', { ...metric, ...values })).toEqual({
      kind: 'point',
      point: { ...point, ...fields },
    });
  });

  it.each([
    ['of another experiment', { id: 'experiment_1586156073228_0013' }],
    ['of another server', { id: 'experiment_1586156073229_0012' }],
    ['of a job that ran elsewhere', { id: 'application_123456' }],
    ['of no experiment', { id: null }],
    ['without a key', { key: null }],
    ['without a value', { value: null }],
    ['without a time', { timestamp: null }],
    ['with a key that no database holds', { key: 'a\0' }],
    ['with a worker that no database holds', { worker_index: '\ud800' }],
  ])('%s says nothing', (_name, values) => {
    expect(read('metric', { ...metric, ...values })).toBeNull();
  });
});

describe('a row of params', () => {
  it('is a text', () => {
    expect(read('param', { id, key: 'lr', value: '0.1' })).toEqual({
      kind: 'param',
      param: { key: 'lr', type: 'string', text: '0.1', number: 0.1 },
    });
  });

  it.each([
    ['of another experiment', { id: 'x' }],
    ['without a key', { key: null }],
    ['without a value', { value: null }],
    ['with a value that no database holds', { value: '\0' }],
    ['with a key that no database holds', { key: '\udfff' }],
  ])('%s says nothing', (_name, values) => {
    expect(read('param', { id, key: 'lr', value: '0.1', ...values })).toBeNull();
  });
});
