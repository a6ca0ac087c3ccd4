import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarOf } from '../conformance/artifacts/tar.js';
import { createProject, type PolyaxonProject } from '../support/polyaxon.js';
import type { RunningServer } from '../support/server.js';
import { type FakeTensorboard, installTensorboard } from '../support/tensorboard.js';
import { createSite, eventually, full, leftovers, processesWith, query, type Site } from './support.js';

let site: Site;
let server: RunningServer;
let project: PolyaxonProject;
let tensorboard: FakeTensorboard;

beforeEach(async () => {
  site = await createSite();
  tensorboard = installTensorboard(site.folder);
  const env = { PATH: tensorboard.path, FRANCA_LOCAL_SLOTS: '8' };
  server = await site.start(env);
  project = await createProject(server.url);
});

afterEach(() => site.remove());

const loop = 'while :; do sleep 0.1; done';

/** Jobs that put a file out, say that they are up, and go on until they are ended. */
const jobs: Readonly<Record<string, string>> = {
  'leaves a grandchild in a session of its own': `setsid sh -c '${loop}' & echo up; wait`,
  'ignores SIGTERM, and so does its grandchild': `trap '' TERM; setsid sh -c 'trap "" TERM; ${loop}' & echo up; ${loop}`,
  'has ended its own group’s leader': `(setsid sh -c '${loop}' &) ; (${loop}) & echo up; exec sleep 1000`,
};

let scripts = 0;

async function submit(text: string): Promise<number> {
  scripts += 1;
  const name = `job-${scripts}.sh`;
  const id = await project.submit(
    await site.script(name, `echo weights > "$POLYAXON_RUN_OUTPUTS_PATH/weights"\n${text}`),
  );
  await eventually(async () =>
    expect(await (await project.send('GET', `/experiments/${id}/logs`)).text()).toBe('up\n'),
  );
  return id;
}

/** Gives an experiment all that a client can add to it. */
async function furnish(id: number): Promise<void> {
  const path = `/experiments/${id}`;
  await project.ask('POST', `${path}/metrics`, { values: { loss: 1 } });
  await project.ask('PATCH', path, { params: { lr: 0.5 }, tags: ['a'] });
  await project.ask('POST', `${path}/bookmark`);
}

const others = () => processesWith(site.folder).filter((pid) => pid !== server.pid);

/** Tables that still hold a row of any run, or service, or of the project. */
function tablesWithRows(): readonly string[] {
  const tables = query<{ name: string; column: string }>(
    site,
    `select m.name, c.name as column from sqlite_master as m join pragma_table_info(m.name) as c
     where m.type = 'table' and c.name in ('run_key', 'project_key')`,
  );
  const all = [...tables, { name: 'run', column: 'key' }, { name: 'service', column: 'key' }];
  return all
    .filter(({ name, column }) => query(site, `select 1 from ${name} where ${column} is not null`).length > 0)
    .map(({ name, column }) => `${name}.${column}`);
}

async function expectNothingLeft(): Promise<void> {
  await eventually(async () => {
    expect(others()).toEqual([]);
    expect(leftovers(site)).toEqual([]);
    expect(tablesWithRows()).toEqual([]);
  });
  for (const name of ['plans', 'active', 'jobs', 'states']) {
    const folder = join(site.dataFolder, 'local', name);
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  }
}

describe.each(Object.keys(jobs))('an experiment whose job %s', (name) => {
  it('leaves no process when it is stopped, and nothing at all when it is deleted then', async () => {
    const id = await submit(jobs[name] ?? '');
    await furnish(id);
    expect(others().length).toBeGreaterThan(1);
    await project.ask('POST', `/experiments/${id}/stop`);
    await project.waitFor(id, 'stopped');
    // The supervisor, which has just said so, is the last to go.
    await eventually(async () => expect(others()).toEqual([]));
    expect(await (await project.send('GET', `/experiments/${id}/outputs/files?path=weights`)).text()).toBe(
      'weights\n',
    );
    await project.ask('DELETE', `/experiments/${id}`);
    await expectNothingLeft();
  });

  it('leaves nothing when it is deleted while it runs', async () => {
    const id = await submit(jobs[name] ?? '');
    await furnish(id);
    expect(tablesWithRows()).toEqual(expect.arrayContaining(['param.run_key', 'run_bookmark.run_key']));
    await project.ask('DELETE', `/experiments/${id}`);
    expect((await project.send('GET', `/experiments/${id}`)).status).toBe(404);
    await expectNothingLeft();
  });
});

/** The pids of a TensorBoard: its supervisor, its program, and the child that it hides. */
const tensorboardSize = 3;

describe('an experiment with code, and a TensorBoard on it', () => {
  async function submitShown(): Promise<number> {
    tensorboard.setMode('stubborn');
    const archive = await tarOf([{ name: 'main.py', text: 'pass' }]);
    expect((await project.upload(archive)).status).toBe(200);
    const id = await submit(jobs['ignores SIGTERM, and so does its grandchild'] ?? '');
    await furnish(id);
    const path = `/experiments/${id}`;
    expect((await project.send('POST', `${path}/tensorboard/start`)).status).toBe(201);
    await eventually(async () => {
      const page = await fetch(`${server.url}/tensorboard/root/p${path}/`);
      expect(await page.json()).toMatchObject({ files: [expect.stringMatching(/weights$/)] });
    });
    return id;
  }

  const service = () => query(site, 'select key from service');
  const code = () => leftovers(site).filter((name) => /^artifacts.code-/.test(name));

  it('leaves its TensorBoard alone when it is stopped, which goes when it is told to', async () => {
    const id = await submitShown();
    await project.ask('POST', `/experiments/${id}/stop`);
    await project.waitFor(id, 'stopped');
    await eventually(async () => expect(others()).toHaveLength(tensorboardSize));
    await project.ask('POST', `/experiments/${id}/tensorboard/stop`);
    await eventually(async () => {
      expect(others()).toEqual([]);
      expect(service()).toEqual([]);
      expect(leftovers(site).filter((name) => /service-/.test(name))).toEqual([]);
    });
  });

  it('leaves nothing but the code of its project when it is deleted', async () => {
    const id = await submitShown();
    await project.ask('DELETE', `/experiments/${id}`);
    expect((await fetch(`${server.url}/tensorboard/root/p/experiments/${id}/`)).status).toBe(404);
    await eventually(async () => {
      expect(others()).toEqual([]);
      expect(leftovers(site)).toEqual(code());
      expect(tablesWithRows()).toEqual([]);
    });
  });
});

describe('a project that is deleted', () => {
  it('while experiments and TensorBoards run: no process, file or row is left', async () => {
    tensorboard.setMode('stubborn');
    const archive = await tarOf([{ name: 'main.py', text: 'pass' }]);
    expect((await project.upload(archive)).status).toBe(200);
    const ids = await Promise.all(Object.values(jobs).map(submit));
    const ended = await project.submit('echo done');
    await project.waitFor(ended, 'succeeded');
    const resumed = await project.ask<{ id: number }>('POST', `/experiments/${ended}/resume`);
    await project.waitFor(resumed.id, 'succeeded');
    for (let n = 0; n < 5; n += 1) {
      const tracked = await project.track();
      await project.ask('POST', `/experiments/${tracked}/logs`, 'a line');
      ids.push(tracked);
    }
    for (const id of ids) await furnish(id);
    // More than there is room for: half of these wait.
    const late = await Promise.all(Array.from({ length: 10 }, () => project.submit(`echo late; ${loop}`)));
    expect(query(site, 'select key from run')).toHaveLength(20);
    await project.ask('POST', '/tensorboard/start');
    await project.ask('POST', `/experiments/${ids[0]}/tensorboard/start`);
    await project.ask('POST', '/bookmark');
    await eventually(async () => {
      expect(processesWith(join(site.folder, 'bin', 'tensorboard')).length).toBeGreaterThan(1);
    });
    expect(tablesWithRows()).toContain('service.key');
    await project.ask('DELETE', '');
    expect((await project.send('GET', '')).status).toBe(404);
    expect((await project.send('GET', `/experiments/${late.at(-1)}`)).status).toBe(404);
    await expectNothingLeft();
    expect(query(site, "select 1 from project where name = 'p'")).toEqual([]);
    // Its name is free again.
    await createProject(server.url);
  });

  it.runIf(full)('is gone whole although the server is killed five times meanwhile', async () => {
    await Promise.all(Object.values(jobs).map(submit));
    for (let n = 0; n < 17; n += 1) await project.track();
    await project.ask('DELETE', '');
    for (let n = 0; n < 5; n += 1) {
      server.kill('SIGKILL');
      await server.exited;
      server = await site.start();
    }
    await expectNothingLeft();
  });
});
