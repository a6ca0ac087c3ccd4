import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../support/server.js';
import {
  createSite,
  eventually,
  get,
  leftovers,
  processesWith,
  query,
  remove,
  resultOf,
  type Site,
  submit,
} from './support.js';

let site: Site;
let server: RunningServer;

beforeEach(async () => {
  site = await createSite();
  server = await site.start({ FRANCA_LOCAL_SLOTS: '8' });
});

afterEach(() => site.remove());

async function expectNothingLeft(): Promise<void> {
  await eventually(async () => {
    expect(processesWith(site.folder).filter((pid) => pid !== server.pid)).toEqual([]);
    expect(leftovers(site)).toEqual([]);
    for (const table of ['run', 'run_spec', 'attempt', 'job', 'status_event', 'tag']) {
      expect(query(site, `select * from ${table}`), table).toEqual([]);
    }
  });
  expect(query(site, "select * from audit_event where action = 'delete'").length).toBeGreaterThan(0);
}

describe('a run that is deleted while it runs', () => {
  it.each([
    { name: 'ignores SIGTERM', script: `trap '' TERM; echo up >> "$WITNESS"; while :; do sleep 0.1; done` },
    {
      name: 'has a grandchild in a session of its own',
      script: `setsid sh -c 'trap "" TERM; while :; do sleep 0.1; done' & echo up >> "$WITNESS"; wait`,
    },
    {
      name: 'has children that outlive their parent',
      script: `(while :; do sleep 0.1; done) & echo up >> "$WITNESS"; exec sleep 1000`,
    },
  ])('and $name: nothing is left', async ({ script }) => {
    const cmd = await site.script('job.sh', script);
    const { experimentId } = await submit(server.url, {
      name: 'stubborn',
      cmd,
      envVars: { WITNESS: site.witnessFile },
    });
    await eventually(async () => expect(await site.witness()).toEqual(['up']));
    const deleted = await resultOf<{ status: string }>(await remove(server.url, experimentId));
    expect(deleted.status).toBe('Deleted');
    await expect(get(server.url, experimentId)).rejects.toThrow('404');
    expect((await remove(server.url, experimentId)).status).toBe(404);
    await expectNothingLeft();
  });

  it('and one of its 8 replicas crashes meanwhile: nothing is left', async () => {
    const script = `echo up >> "$WITNESS"; trap 'exit 9' TERM; while :; do sleep 0.05; done`;
    const cmd = await site.script('job.sh', script);
    const crash = await site.script('crash.sh', `echo up >> "$WITNESS"; sleep 0.6; kill -SEGV $$`);
    const roles = { Worker: { replicas: 7 }, Ps: { replicas: 1, cmd: crash } };
    const envVars = { WITNESS: site.witnessFile };
    const { experimentId } = await submit(server.url, { name: 'eight', cmd, envVars, roles });
    await eventually(async () => expect(await site.witness()).toHaveLength(8));
    await remove(server.url, experimentId);
    await expectNothingLeft();
  });

  it('and waits for a slot: it never starts', async () => {
    const long = await submit(server.url, {
      name: 'long',
      cmd: 'sleep 1000',
      roles: { Worker: { replicas: 8 } },
    });
    await eventually(async () => expect((await get(server.url, long.experimentId)).status).toBe('Running'));
    const cmd = await site.script('job.sh', 'echo started >> "$WITNESS"');
    const waiting = await submit(server.url, {
      name: 'waiting',
      cmd,
      envVars: { WITNESS: site.witnessFile },
    });
    await remove(server.url, waiting.experimentId);
    await remove(server.url, long.experimentId);
    await expectNothingLeft();
    expect(await site.witness()).toEqual([]);
  });

  it('and the server is killed before it is gone: the next one finishes the work', async () => {
    const cmd = await site.script(
      'job.sh',
      `trap '' TERM; echo up >> "$WITNESS"; while :; do sleep 0.1; done`,
    );
    const { experimentId } = await submit(server.url, {
      name: 'killed',
      cmd,
      envVars: { WITNESS: site.witnessFile },
    });
    await eventually(async () => expect(await site.witness()).toEqual(['up']));
    await remove(server.url, experimentId);
    server.kill('SIGKILL');
    await server.exited;
    server = await site.start();
    await expect(get(server.url, experimentId)).rejects.toThrow('404');
    await expectNothingLeft();
  });
});
