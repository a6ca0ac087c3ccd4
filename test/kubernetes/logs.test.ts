import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPlace, logsOf, type Place, submit } from './support.js';
import { untilFailed } from './told.js';

const full = process.env.FRANCA_TEST_FULL === '1';

/** What Franca says in an output of which something may not be there. */
const notice = /^franca: (lines may be missing here|the end of the output may be missing): /;

describe('the output of pods', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
    await place.start();
  });
  afterAll(() => place?.remove());

  it('is kept whole, though it came in a hurry before the end', async () => {
    // Of a container that ends at once, containerd 1.6 itself loses what is still in the pipe: `kubectl logs` shows
    // no more either.
    const run = await submit(place.server(), { Worker: { script: 'seq 1 20000; sleep 1; exit 1' } });
    expect(await untilFailed(place.server(), run)).toBe('exit_nonzero: test-worker-0: exit code 1');
    const lines = (await logsOf(place.server(), run))['test-worker-0'] ?? [];
    const wrong = lines.findIndex((line, index) => line !== `${index + 1}`);
    expect({ lines: lines.length, wrong: lines.slice(wrong, wrong === -1 ? 0 : wrong + 3) }).toEqual({
      lines: 20_000,
      wrong: [],
    });
  });

  it(`is kept, or said to be missing, of a job that prints ${full ? 100 : 20} MB and takes too much memory`, async () => {
    const count = full ? 1_000_000 : 200_000;
    const run = await submit(place.server(), {
      Worker: {
        script: `awk 'BEGIN{for(i=1;i<=${count};i++)printf "%099d\\n",i}'; sleep 1; tail /dev/zero`,
        resources: 'cpu=10m,memory=32M',
      },
    });
    expect(await untilFailed(place.server(), run, 170)).toMatch(/^oom_killed: /);
    const lines = (await logsOf(place.server(), run))['test-worker-0'] ?? [];
    /** The number that comes next; null behind a notice. */
    let expected: number | null = 1;
    for (const line of lines) {
      if (notice.test(line)) expected = null;
      else if (/^\d+$/.test(line)) {
        if (expected !== null) expect(line).toBe(`${expected}`.padStart(99, '0'));
        expected = Number(line) + 1;
      }
    }
    expect([null, count + 1]).toContain(expected);
  });

  it('is kept of a pod that is deleted by force, up to the last look at least', async () => {
    const run = await submit(place.server(), {
      Worker: { script: 'echo up; i=0; while :; do echo $i; i=$((i+1)); sleep 0.1; done' },
    });
    const printed = async () => (await logsOf(place.server(), run))['test-worker-0'] ?? [];
    await vi.waitFor(async () => expect((await printed()).length).toBeGreaterThan(10), { timeout: 60_000 });
    const [pod] = await place.space.pods(run);
    await place.space.deletePod(pod ?? {}, 0);
    expect(await untilFailed(place.server(), run)).toMatch(/^pod_deleted: test-worker-0: /);
    const lines = await printed();
    const last = lines.filter((line) => !notice.test(line));
    expect(last).toEqual(['up', ...Array.from({ length: last.length - 1 }, (_, index) => `${index}`)]);
    expect(last.length).toBeGreaterThan(10);
    await vi.waitFor(async () => expect(await place.space.pods(run)).toEqual([]), { timeout: 30_000 });
  });
});
