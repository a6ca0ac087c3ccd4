import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  environmentIdOf,
  experimentIdOf,
  parseExperimentId,
} from '../../../adapters/submarine/translate/ids.js';
import type { RunKey } from '../../../src/core/ids.js';

const ms = 1586156073228;

describe('experimentId', () => {
  it.each([
    [1, 'experiment_1586156073228_0001'],
    [999, 'experiment_1586156073228_0999'],
    [9999, 'experiment_1586156073228_9999'],
    [10000, 'experiment_1586156073228_10000'],
    [1234567, 'experiment_1586156073228_1234567'],
  ])('run %i is %s', (key, id) => {
    expect(experimentIdOf(key as RunKey, ms)).toBe(id);
    expect(parseExperimentId(id, ms)).toBe(key);
    // Since Submarine 0.6 ids have dashes.
    expect(parseExperimentId(id.replaceAll('_', '-'), ms)).toBe(key);
  });

  it.each([
    'experiment_1586156073229_0001',
    'experiment_1586156073228_1',
    'experiment_1586156073228_001',
    'experiment_1586156073228_00001',
    'experiment_1586156073228_010000',
    'experiment_1586156073228_0000',
    'experiment_1586156073228_-001',
    'experiment_1586156073228_1e10',
    'experiment_1586156073228_0x01',
    'experiment_01586156073228_0001',
    'experiment_1586156073228_99999999999999999999',
    'experiment_1586156073228_0001\n',
    ' experiment_1586156073228_0001',
    'Experiment_1586156073228_0001',
    'experiment_1586156073228_',
    'experiment_1586156073228',
    'environment_1586156073228_0001',
    'experiment_1586156073228_0001/..',
    'experiment_1586156073228_٠٠٠١',
    '1',
    '',
  ])('%j names nothing', (id) => {
    expect(parseExperimentId(id, ms)).toBeNull();
  });

  it('finds every run by its own id, and no run by the id of another database', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 50 }),
        fc.nat(2 ** 41),
        fc.nat(2 ** 41),
        (key, own, other) => {
          const id = experimentIdOf(key as RunKey, own);
          expect(parseExperimentId(id, own)).toBe(key);
          if (own !== other) expect(parseExperimentId(id, other)).toBeNull();
        },
      ),
    );
  });
});

describe('environmentId', () => {
  it('has the same form', () => {
    expect(environmentIdOf(7, ms)).toBe('environment_1586156073228_0007');
  });
});
