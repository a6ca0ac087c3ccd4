import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type PolyaxonExperiment, type PolyaxonProject } from '../support/polyaxon.js';
import type { RunningServer } from '../support/server.js';
import {
  createSite,
  eventually,
  leftovers,
  processesWith,
  query,
  runsWithoutOneEnd,
  type Site,
} from './support.js';

const minutes = 60_000;
const headers = { authorization: 'token a-secret-of-the-test' };

let site: Site;
let server: RunningServer;

beforeEach(async () => {
  site = await createSite();
});

afterEach(() => site.remove());

/** Sets the server's clock beside everybody else's, in one piece. */
function setClock(offset: number): void {
  const file = join(site.folder, 'offset');
  writeFileSync(`${file}.new`, String(offset));
  renameSync(`${file}.new`, file);
}

async function startAt(offset: number): Promise<void> {
  setClock(offset);
  server = await site.start({
    FRANCA_TEST_CLOCK: join(site.folder, 'offset'),
    FRANCA_AUTH: 'token',
    FRANCA_TOKEN: 'a-secret-of-the-test',
    FRANCA_LOCAL_SLOTS: '4',
  });
}

async function start(offset: number): Promise<PolyaxonProject> {
  await startAt(offset);
  return createProject(server.url, headers);
}

/** Reports with the run's own token, says so, and does it again each time that it is told to go on. */
const job = (folder: string) => `
import { existsSync } from 'node:fs';
const info = JSON.parse(process.env.POLYAXON_EXPERIMENT_INFO);
const [owner, project, id] = info.experiment_name.split('.');
const url = process.env.POLYAXON_API_HTTP_HOST + '/api/v1/' + owner + '/' + project + '/experiments/' + id + '/metrics';
for (let step = 1; step <= 4; step += 1) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: 'token ' + process.env.POLYAXON_SECRET_USER_TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify({ values: { step } }),
  });
  console.log('step ' + step + ': ' + answer.status);
  while (step < 4 && !existsSync('${folder}/go-' + step)) await new Promise((resolve) => setTimeout(resolve, 20));
}
`;

interface StatusRow {
  readonly id: number;
  readonly status: string;
}

async function statusesOf(project: PolyaxonProject, id: number): Promise<readonly string[]> {
  const { results } = await project.ask<{ results: StatusRow[] }>('GET', `/experiments/${id}/statuses`);
  expect(results.map((row) => row.id)).toEqual(results.map((_row, place) => place + 1));
  return results.map((row) => row.status);
}

function expectOrdinaryEnd({ total_run, started_at, finished_at }: PolyaxonExperiment): void {
  expect([started_at, finished_at]).not.toContain(null);
  expect(total_run).toMatch(/^(\d+[dhms] ?)+$/);
}

describe.each([
  { name: '10 minutes ahead, then 10 behind', offset: 10 * minutes, later: -10 * minutes },
  { name: '10 minutes behind, then 10 ahead', offset: -10 * minutes, later: 10 * minutes },
])('a server whose clock is $name', ({ offset, later }) => {
  it('runs, follows and ends jobs as any other, and their tokens stay good', async () => {
    const project = await start(offset);
    writeFileSync(join(site.folder, 'job.mjs'), job(site.folder));
    const id = await project.submit(`${process.execPath} ${site.folder}/job.mjs`);
    const follower = project.follow(id);
    const go = async (step: number) => {
      await eventually(async () => expect(follower.lines).toHaveLength(step));
      writeFileSync(join(site.folder, `go-${step}`), '');
    };
    await go(1);
    await eventually(async () => expect(follower.lines).toHaveLength(2));
    setClock(later);
    await go(2);
    await eventually(async () => expect(follower.lines).toHaveLength(3));
    setClock(offset);
    await go(3);
    expectOrdinaryEnd(await project.waitFor(id, 'succeeded'));
    expect(await follower.closed).toBe(1000);
    const lines = [1, 2, 3, 4].map((step) => `step ${step}: 201`);
    expect(follower.lines).toEqual(lines);
    expect(await (await project.send('GET', `/experiments/${id}/logs`)).text()).toBe(`${lines.join('\n')}\n`);
    const rows = await project.metrics(id);
    expect(rows.map((row) => [row.id, row.values.step])).toEqual([1, 2, 3, 4].map((step) => [step, step]));
    expect(await statusesOf(project, id)).toEqual([
      'created',
      'scheduled',
      'starting',
      'running',
      'succeeded',
    ]);
    expect(runsWithoutOneEnd(site)).toEqual([]);
    setClock(-20 * minutes);
    await eventually(async () =>
      expect(server.output()).toMatch(/"level":40.*the system clock was set back/),
    );
  });

  it('stops, restarts and deletes what runs while it is moved, and a second server finds it', async () => {
    const project = await start(offset);
    const cmd = await site.script('wait.sh', `setsid sh -c 'while :; do sleep 0.1; done' & echo up; wait`);
    const stopped = await project.submit(cmd);
    const deleted = await project.submit(cmd);
    for (const id of [stopped, deleted]) await project.waitFor(id, 'running');
    setClock(later);
    await project.ask('POST', `/experiments/${stopped}/stop`);
    expectOrdinaryEnd(await project.waitFor(stopped, 'stopped'));
    const again = await project.ask<{ id: number }>('POST', `/experiments/${stopped}/restart`);
    await project.waitFor(again.id, 'running');
    await project.ask('DELETE', `/experiments/${deleted}`);
    await eventually(async () => {
      expect(query(site, 'select number from run order by number')).toEqual([
        { number: stopped },
        { number: again.id },
      ]);
    });
    server.kill('SIGKILL');
    await server.exited;
    await startAt(offset);
    expect((await project.get(again.id)).last_status).toBe('running');
    await project.ask('DELETE', '');
    await eventually(async () => {
      expect(processesWith(site.folder).filter((pid) => pid !== server.pid)).toEqual([]);
      expect(leftovers(site)).toEqual([]);
      expect(query(site, 'select number from run')).toEqual([]);
    });
  });
});

describe('a client whose clock says 1970, and then 2100', () => {
  const times = ['1970-01-01T00:00:00+00:00', '2100-01-01T00:00:00+00:00', '1970-01-01T00:00:01+00:00'];

  it('has its rows in the order in which they came, and no negative duration', async () => {
    const project = await start(0);
    const id = await project.track();
    const path = `/experiments/${id}`;
    for (const [place, created_at] of times.entries()) {
      await project.ask('POST', `${path}/metrics`, { values: { loss: place }, created_at });
    }
    const rows = await project.metrics(id);
    expect(rows.map((row) => [row.id, row.values.loss])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(rows.map((row) => row.created_at)).toEqual(times.map((time) => time.replace('+', '.000000+')));
    // The last value is that of the latest time, whenever it came.
    expect((await project.get(id)).last_metric).toEqual({ loss: 1 });
    const words = ['starting', 'running', 'succeeded'];
    for (const [place, status] of words.entries()) {
      await project.ask('POST', `${path}/statuses`, { status, created_at: times[place] });
    }
    expect(await statusesOf(project, id)).toEqual(['created', ...words]);
    const ended = await project.get(id);
    expect(ended).toMatchObject({ last_status: 'succeeded', total_run: '0s' });
    for (const order of ['started_at', '-finished_at', 'created_at']) {
      const { results } = await project.ask<{ results: object[] }>('GET', `/experiments?sort=${order}`);
      expect(results).toHaveLength(1);
    }
    const submarine = await fetch(`${server.url}/api/v1/experiment`, { headers });
    expect(submarine.status).toBe(200);
  });

  it('neither ends nor delays a job that Franca runs', async () => {
    const project = await start(0);
    const id = await project.submit(
      await site.script('job.sh', `while [ ! -e ${site.folder}/go ]; do sleep 0.05; done`),
    );
    await project.waitFor(id, 'running');
    const path = `/experiments/${id}/statuses`;
    for (const [place, status] of ['succeeded', 'running', 'warning'].entries()) {
      await project.ask('POST', path, { status, created_at: times[place] });
    }
    const follower = project.follow(id);
    writeFileSync(join(site.folder, 'go'), '');
    expectOrdinaryEnd(await project.waitFor(id, 'succeeded'));
    expect(await follower.closed).toBe(1000);
    // The client's word is kept, and counts for nothing.
    const ends = query(
      site,
      `select status, effective, origin from status_event where job_key is null and status = 'succeeded' order by seq`,
    );
    expect(ends).toEqual([
      { status: 'succeeded', effective: 0, origin: 'client' },
      { status: 'succeeded', effective: 1, origin: 'system' },
    ]);
  });
});
