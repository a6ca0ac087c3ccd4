import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createSite,
  type Experiment,
  eventually,
  full,
  get,
  list,
  logs,
  post,
  repeatedEvents,
  resultOf,
  runsWithoutOneEnd,
  type Site,
  submit,
  waitForEnd,
} from './support.js';

let site: Site;

beforeEach(async () => {
  site = await createSite();
});

afterEach(() => site.remove());

const start = (env: Record<string, string> = {}) => site.start({ FRANCA_LOCAL_SLOTS: '8', ...env });

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

describe('jobs that run while the server is killed', () => {
  it('go on untouched; their logs have no gap and no repeat, their ends are found', async () => {
    const seconds = full ? 45 : 6;
    const job = `
echo "pid $$" >> "$WITNESS"
i=0
while [ $i -lt ${seconds * 10} ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done
[ "$CODE" = 0 ] || exit "$CODE"
`;
    const cmd = await site.script('job.sh', job);
    const first = await start();
    const submitted = await Promise.all(
      [0, 0, 0, 3, 0].map((code, index) =>
        submit(first.url, {
          name: `job-${index}`,
          cmd,
          envVars: { WITNESS: site.witnessFile, CODE: String(code) },
        }),
      ),
    );
    await eventually(async () => expect(await site.witness()).toHaveLength(5));
    const pids = (await site.witness()).map((line) => Number(line.split(' ')[1]));
    first.kill('SIGKILL');
    await first.exited;
    await pause(full ? 30 : 2);
    for (const pid of pids) expect(() => process.kill(pid, 0)).not.toThrow();

    const second = await start();
    for (const [index, { experimentId }] of submitted.entries()) {
      const ended = await waitForEnd(second.url, experimentId, seconds + 60);
      expect(ended.status).toBe(index === 3 ? 'Failed' : 'Succeeded');
      const printed = await logs(second.url, experimentId);
      const expected = Array.from({ length: seconds * 10 }, (_, line) => `line ${line}`);
      expect(printed).toEqual({ [`job-${index}-worker-0`]: expected });
    }
    expect(await site.witness()).toHaveLength(5);
    expect(repeatedEvents(site)).toEqual([]);
    expect(runsWithoutOneEnd(site)).toEqual([]);
  });

  it('are found ended if they ended meanwhile, with the times at which they did', async () => {
    const cmd = await site.script('job.sh', 'echo started >> "$WITNESS"; sleep 1; echo bye; exit 7\n');
    const first = await start();
    const { experimentId } = await submit(first.url, {
      name: 'meanwhile',
      cmd,
      envVars: { WITNESS: site.witnessFile },
    });
    await eventually(async () => expect(await site.witness()).toHaveLength(1));
    first.kill('SIGKILL');
    await first.exited;
    const killed = Date.now();
    await pause(3);
    const second = await start();
    const ended = await waitForEnd(second.url, experimentId);
    expect(ended.status).toBe('Failed');
    expect(Date.parse(ended.finishedTime ?? '')).toBeLessThan(killed + 2500);
    expect(await logs(second.url, experimentId)).toEqual({ 'meanwhile-worker-0': ['bye'] });
  });
});

describe('a server that is killed again and again', () => {
  it('loses no acknowledged run, starts none twice, and leaves no process', async () => {
    const kills = full ? 50 : 10;
    const runs = 20;
    const job = `
echo "begin $JOB_ID" >> "$WITNESS"
i=0
while [ $i -lt 30 ]; do echo "line $i"; i=$((i+1)); sleep 0.03; done
echo "end $JOB_ID" >> "$WITNESS"
`;
    const cmd = await site.script('job.sh', job);
    const acknowledged = new Map<string, Experiment>();
    let current = await start();
    const killer = (async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        await pause(Math.random() * 0.7);
        current.kill('SIGKILL');
        await current.exited;
        current = await start();
      }
    })();
    const submitter = (async () => {
      for (let index = 0; index < runs; index += 1) {
        const submission = { name: `chaos-${index}`, cmd, envVars: { WITNESS: site.witnessFile } };
        await eventually(async () => {
          const answer = await post(site.url, submission, `key-${index}`);
          acknowledged.set(`chaos-${index}`, await resultOf<Experiment>(answer));
        });
        await pause(Math.random() * (full ? 1.5 : 0.3));
      }
    })();
    await Promise.all([killer, submitter]);

    for (const { experimentId, name } of acknowledged.values()) {
      expect(await waitForEnd(site.url, experimentId, 120)).toMatchObject({ status: 'Succeeded' });
      const expected = Array.from({ length: 30 }, (_, line) => `line ${line}`);
      expect(await logs(site.url, experimentId)).toEqual({ [`${name}-worker-0`]: expected });
    }
    const witnessed = [...(await site.witness())].sort();
    const ids = [...acknowledged.values()].map(({ experimentId }) => experimentId);
    expect(witnessed).toEqual([...ids.map((id) => `begin ${id}`), ...ids.map((id) => `end ${id}`)].sort());
    expect(await list(site.url)).toHaveLength(runs);
    expect(repeatedEvents(site)).toEqual([]);
    expect(runsWithoutOneEnd(site)).toEqual([]);
  });
});

describe('a run that waits for a slot', () => {
  it('still waits after a restart, keeps its place, and then runs', async () => {
    const cmd = await site.script('job.sh', 'echo "$NAME" >> "$WITNESS"; sleep 0.3\n');
    const first = await start({ FRANCA_LOCAL_SLOTS: '0' });
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const envVars = { WITNESS: site.witnessFile, NAME: name };
      ids.push((await submit(first.url, { name, cmd, envVars })).experimentId);
    }
    await eventually(async () => expect((await get(first.url, ids[3] ?? '')).status).toBe('Accepted'));
    first.kill('SIGKILL');
    await first.exited;
    const second = await start({ FRANCA_LOCAL_SLOTS: '1' });
    for (const id of ids) expect(await waitForEnd(second.url, id)).toMatchObject({ status: 'Succeeded' });
    expect(await site.witness()).toEqual(['a', 'b', 'c', 'd']);
  });
});
