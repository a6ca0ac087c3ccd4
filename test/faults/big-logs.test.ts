import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchMemory } from '../support/memory.js';
import type { RunningServer } from '../support/server.js';
import { createSite, logs, type Site, submit, waitForEnd } from './support.js';

let site: Site;
let server: RunningServer;

beforeEach(async () => {
  site = await createSite();
  server = await site.start();
});

afterEach(() => site.remove());

function sha256(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}

describe('a job with a huge log', () => {
  it.each([
    { name: '200 MB in long lines', lines: 200_000, width: 1000 },
    { name: '10^6 lines', lines: 1_000_000, width: 0 },
  ])('$name: whole through the API, in little memory', async ({ lines, width }) => {
    const program = `for (let i = 0; i < ${lines}; i++) console.log(i + 'x'.repeat(${width}));`;
    const file = await site.script('print.mjs', program);
    const highest = watchMemory(server.pid);
    const cmd = file.replace(/^sh/, process.execPath);
    const { experimentId } = await submit(server.url, { name: 'huge', cmd });
    expect(await waitForEnd(server.url, experimentId, 300)).toMatchObject({ status: 'Succeeded' });
    const printed = await logs(server.url, experimentId);
    const memory = highest();
    const log = printed['huge-worker-0'] ?? [];
    const expected = Array.from({ length: lines }, (_, i) => `${i}${'x'.repeat(width)}`);
    expect(log.length).toBe(lines);
    expect(sha256(log)).toBe(sha256(expected));
    expect(memory).toBeLessThan(250);
  });
});
