import { describe, expect, it } from 'vitest';
import { isArtifactRoot, modelRoot } from '../../src/core/artifact-path.js';
import type { LoggedModelId } from '../../src/core/ids.js';
import { compareMeasurements } from '../../src/core/logged-model.js';
import { measured } from '../support/logged-models.js';

describe('measurements', () => {
  it.each([
    ['a later time wins, whatever the step', { timestampMs: 2n, step: 0n }, { timestampMs: 1n, step: 9n }],
    ['so does a microsecond', { timestampUs: 1 }, { step: 9n }],
    ['then the greater step', { step: 2n ** 62n }, { step: 2n ** 62n - 1n }],
    ['no step counts as 0', { step: null }, { step: -1n }],
  ])('%s', (_name, later, earlier) => {
    const [a, b] = [measured(0, later), measured(1, earlier)];
    expect(compareMeasurements(a, b)).toBeGreaterThan(0);
    expect(compareMeasurements(b, a)).toBeLessThan(0);
  });

  it('of one time and step are alike, whatever their values', () => {
    expect(compareMeasurements(measured(1), measured(2, { step: null }))).toBe(0);
  });
});

describe('the root of a model', () => {
  it('is one', () => {
    const root = modelRoot('01890000-0000-7000-8000-000000000001' as LoggedModelId);
    expect(root).toBe('model-01890000-0000-7000-8000-000000000001');
    expect(isArtifactRoot(root)).toBe(true);
  });
});
