import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { createProject, type Follower, type PolyaxonProject } from '../support/polyaxon.js';
import type { RunningServer } from '../support/server.js';
import { createSite, eventually, full, processesWith, type Site } from './support.js';

let site: Site;
let server: RunningServer;
let project: PolyaxonProject;

beforeEach(async () => {
  site = await createSite();
  const env = { FRANCA_LOCAL_SLOTS: '4' };
  server = await site.start(env);
  project = await createProject(server.url);
});

afterEach(() => site.remove());

const count = full ? 1_000_000 : 100_000;
const lineOf = (place: number) => `${place} loss 0.123456 accuracy 0.654321`;

/** The id of an experiment that prints its lines as soon as it is told to. */
async function printer(): Promise<{ id: number; go(): Promise<unknown> }> {
  const file = await site.script(
    'print.mjs',
    `import { existsSync } from 'node:fs';
     while (!existsSync('${site.folder}/go')) await new Promise((resolve) => setTimeout(resolve, 20));
     for (let i = 0; i < ${count}; i++) console.log(i + ' loss 0.123456 accuracy 0.654321');`,
  );
  const id = await project.submit(file.replace(/^sh/, process.execPath));
  return { id, go: () => site.script('go', '') };
}

/** The first line that is not what was printed at its place, if any. */
function wrongLine({ lines }: Follower): string | undefined {
  return lines.find((line, place) => line !== lineOf(place));
}

async function expectWhole(follower: Follower): Promise<void> {
  expect(await follower.closed).toBe(1000);
  expect(wrongLine(follower)).toBeUndefined();
  expect(follower.lines).toHaveLength(count);
  expect(follower.statuses.at(-1)).toBe('succeeded');
}

describe('a job that prints very many lines', () => {
  it('is followed from before its first line, and from its middle: each line once and in order, in little memory', async () => {
    const highest = watchMemory(server.pid);
    const { id, go } = await printer();
    const first = project.follow(id);
    await once(first.socket, 'open');
    await go();
    await eventually(async () => expect(first.lines.length).toBeGreaterThan(0));
    const second = project.follow(id);
    await project.waitFor(id, 'succeeded', 300);
    const third = project.follow(id);
    for (const follower of [first, second, third]) await expectWhole(follower);
    expect(highest()).toBeLessThan(250);
  });

  it('misses no reader that pauses until the job has ended, and is held in memory for none', async () => {
    const highest = watchMemory(server.pid);
    const { id, go } = await printer();
    const pausing = project.follow(id);
    const steady = project.follow(id);
    await Promise.all([once(pausing.socket, 'open'), once(steady.socket, 'open')]);
    await go();
    await once(pausing.socket, 'message');
    pausing.socket.pause();
    await expectWhole(steady);
    expect(pausing.lines.length).toBeLessThan(count);
    expect((await project.get(id)).last_status).toBe('succeeded');
    pausing.socket.resume();
    await expectWhole(pausing);
    expect(highest()).toBeLessThan(250);
  });
});

/** The time that a process has spent on a core, in seconds: fields 14 and 15, in hundredths, of proc(5). */
function coreSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

describe('200 readers for whom nothing comes', () => {
  it('cost less than 20 MB and 2 % of a core, and hear of the first line', async () => {
    const ids: number[] = [];
    for (let place = 0; place < 16; place += 1) ids.push(await project.track());
    for (let place = 0; place < 4; place += 1) ids.push(await project.submit('echo up; sleep 1000'));
    const [first = 0] = ids;
    for (const id of ids.slice(16)) await project.waitFor(id, 'running');
    // What the first readers bring into memory is no cost of the others.
    const warm = [first, ids.at(-1) ?? 0].flatMap((id) =>
      Array.from({ length: 5 }, () => project.follow(id)),
    );
    for (const { statuses } of warm) await eventually(async () => expect(statuses).toHaveLength(1));
    const before = residentMegabytes(server.pid);
    const idle = Array.from({ length: 10 }, () => ids.map((id) => project.follow(id))).flat();
    for (const { statuses } of idle) await eventually(async () => expect(statuses).toHaveLength(1));
    expect(residentMegabytes(server.pid) - before).toBeLessThan(20);
    const seconds = full ? 60 : 10;
    const spent = coreSeconds(server.pid);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    expect((coreSeconds(server.pid) - spent) / seconds).toBeLessThan(0.02);
    const answer = await project.send('POST', `/experiments/${first}/logs`, 'hello');
    expect(answer.status).toBe(200);
    const heard = [...warm.slice(0, 5), ...idle.filter((_one, place) => place % ids.length === 0)];
    for (const { lines } of heard) await eventually(async () => expect(lines).toEqual(['hello']));
    expect(idle.filter(({ lines }) => lines.includes('hello'))).toHaveLength(10);
    expect(idle.filter(({ lines }) => lines.includes('up'))).toHaveLength(40);
    for (const { socket } of [...warm, ...idle]) socket.terminate();
    await project.ask('DELETE', '');
    await eventually(async () => expect(processesWith(site.folder)).toEqual([server.pid]));
  });
});
