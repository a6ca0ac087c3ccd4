import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { checkWriter, testTimeout } from './matrix.js';
import { createPlatform, type Platform } from './support.js';
import { mlflowRun } from './writers/mlflow.js';

vi.setConfig({ testTimeout });

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

describe('a run of MLflow', () => {
  it('is shown by all, and comes back unchanged', () => checkWriter(platform, mlflowRun, 25));
});
