import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { submarineSpec as anySpec } from './arbitraries.js';
import { checkWriter, limits, testTimeout } from './matrix.js';
import { polyaxon } from './readers/polyaxon.js';
import { submarine } from './readers/submarine.js';
import { at, createPlatform, experiments, type Platform } from './support.js';
import { submarineSpec } from './writers/submarine.js';
import { removeRun } from './writers/writer.js';

vi.setConfig({ testTimeout });

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

describe('a run of Submarine', () => {
  it('is shown by all, and comes back unchanged', () => checkWriter(platform, submarineSpec, 15));

  it('shows in both a spec that takes the place of its first', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, anySpec, async (first, sent) => {
        const silent = { points: [], params: {}, files: {} };
        const before = await submarineSpec.write(platform, { sent: first, ...silent });
        const { names, tags } = before;
        await platform.submarine('PATCH', `${experiments}/${names.experimentId}`, sent);
        const list = sent.meta.tags ?? [];
        const kept = tags.filter(({ key }) => list.includes(key));
        const added = list.filter((key) => !kept.some((tag) => tag.key === key));
        const facts = {
          ...before,
          name: sent.meta.name,
          framework: sent.meta.framework.toLowerCase(),
          tags: [...kept, ...added.map((key) => ({ key, value: null }))],
          spec: { kind: 'submarine', sent } as const,
        };
        const own = await submarine.read(platform, names);
        expect(at(own, 'experiment.spec')).toEqual(at(submarine.expected(facts), 'experiment.spec'));
        const { detail, code } = polyaxon.expected(facts) as Record<string, object>;
        // The jobs of both attempts are shown, and the last status is that of the new one.
        const change = { num_jobs: expect.any(Number), last_status: 'resuming' };
        const shown = await polyaxon.read(platform, names);
        expect(shown).toMatchObject({ detail: { ...detail, ...change }, code });
        await removeRun(platform, names);
      }),
      { numRuns: 15, ...limits },
    );
  });
});
