import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { checkWriter, testTimeout } from './matrix.js';
import { createPlatform, type Platform } from './support.js';
import { polyaxonFile, polyaxonReport } from './writers/polyaxon.js';

vi.setConfig({ testTimeout });

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

describe('a run of Polyaxon', () => {
  it('by a file is shown by all, and comes back unchanged', () => checkWriter(platform, polyaxonFile, 20));

  it('by reports is shown by all, and comes back unchanged', () => checkWriter(platform, polyaxonReport, 20));
});
