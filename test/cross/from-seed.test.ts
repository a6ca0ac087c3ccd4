import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { checkWriter, testTimeout } from './matrix.js';
import { createPlatform, type Platform } from './support.js';
import { seedRun } from './writers/seed.js';

vi.setConfig({ testTimeout });

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

describe('a run of MLflow’s seed', () => {
  it('is shown by all, and comes back unchanged', () => checkWriter(platform, seedRun, 25));
});
