import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createSite,
  eventually,
  get,
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

const start = (env: Record<string, string> = {}) => site.start(env);

const program = fileURLToPath(new URL('log-metrics.mjs', import.meta.url));

function selected<T>(kind: 'metric' | 'param', id: string): Promise<readonly T[]> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ id });
  return fetch(`${site.url}/api/${kind}/selective`, { method: 'POST', headers, body }).then((answer) =>
    resultOf<readonly T[]>(answer),
  );
}

const stepsOf = async (id: string) =>
  (await selected<{ step: number; value: number }>('metric', id)).map(({ step, value }) => [step, value]);

const upTo = (count: number) => Array.from({ length: count }, (_, step) => [step, step / 2]);

describe('what a job logs into the database of its own', () => {
  it.each([
    ['intake.begin', 1],
    ['intake.beforeCommit', 1],
    ['intake.beforeCommit', 3],
    ['intake.afterCommit', 1],
    ['intake.afterCommit', 3],
  ] as const)('is there once, and whole, when its run ends: killed at %s, %i', async (point, pass) => {
    const first = await start({ FRANCA_TEST_CRASH: `${point}:${pass}` });
    const submission = { name: 'logs', cmd: `${process.execPath} ${program} 1700` };
    const { experimentId: id } = await submit(first.url, submission);
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await start();
    expect(await waitForEnd(site.url, id)).toMatchObject({ status: 'Succeeded' });
    expect(await stepsOf(id)).toEqual(upTo(1700));
    expect(await selected('param', id)).toEqual([{ id, key: 'lr', value: '0.1', workerIndex: 'worker-0' }]);
    expect(repeatedEvents(site)).toEqual([]);
    expect(runsWithoutOneEnd(site)).toEqual([]);
  });

  it('is seen while it runs, and not repeated by its end', async () => {
    const first = await start();
    const { url } = first;
    const go = join(site.folder, 'go');
    const submission = { name: 'logs', cmd: `${process.execPath} ${program} 1000 ${go}` };
    const { experimentId: id } = await submit(url, submission);
    await eventually(async () => expect(await stepsOf(id)).toEqual(upTo(500)));
    expect((await get(url, id)).status).toBe('Running');
    first.kill('SIGKILL');
    await first.exited;
    await start();
    await writeFile(go, '');
    expect(await waitForEnd(url, id)).toMatchObject({ status: 'Succeeded' });
    expect(await stepsOf(id)).toEqual(upTo(1000));
  });

  it('keeps no run from its end if it is no database', async () => {
    const server = await start();
    const { url } = server;
    const script = await site.script(
      'hostile.sh',
      'echo "no database at all, though it is long enough" > "$(echo $SUBMARINE_DB_URI | cut -c 11-)"; exit 3',
    );
    const { experimentId: id } = await submit(url, { name: 'hostile', cmd: script });
    expect(await waitForEnd(url, id)).toMatchObject({ status: 'Failed' });
    expect(await stepsOf(id)).toEqual([]);
    expect(server.output()).toContain('what a job left cannot be read');
  });
});
