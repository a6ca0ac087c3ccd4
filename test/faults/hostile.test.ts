import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchMemory } from '../support/memory.js';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, eventually, experimentOf, full, get, type Site, submit, waitForEnd } from './support.js';

let site: Site;
let server: RunningServer;
let experimentId: string;

beforeEach(async () => {
  site = await createSite();
  server = await startServer({ dataFolder: site.dataFolder, port: site.port });
  experimentId = (await submit(server.url, { name: 'bystander', cmd: 'echo fine' })).experimentId;
  await waitForEnd(server.url, experimentId);
});

afterEach(async () => {
  await server.stop();
  await site.remove();
});

const valid = () => experimentOf({ name: 'x', cmd: 'true' }) as { meta: Record<string, unknown> };

/** Each is one hostile body, made anew for each request. */
const bodies: readonly { name: string; type: string; body: () => string; statuses: readonly number[] }[] = [
  {
    name: '10 MB name',
    type: 'json',
    body: () => JSON.stringify({ ...valid(), meta: { name: 'n'.repeat(10_000_000) } }),
    statuses: [413],
  },
  { name: 'deep JSON', type: 'json', body: () => '['.repeat(1_000_000), statuses: [400] },
  {
    name: 'deep closed JSON',
    type: 'json',
    body: () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    statuses: [400],
  },
  { name: 'deep YAML', type: 'yaml', body: () => '['.repeat(100_000), statuses: [400] },
  { name: '64 MB of JSON', type: 'json', body: () => `"${'x'.repeat(64 * 1024 * 1024)}"`, statuses: [413] },
  {
    name: '10^5 tags',
    type: 'json',
    body: () =>
      JSON.stringify({
        ...valid(),
        meta: { ...valid().meta, tags: Array.from({ length: 100_000 }, (_, i) => `t${i}`) },
      }),
    statuses: [400, 413],
  },
  {
    name: 'a YAML bomb',
    type: 'yaml',
    body: () => {
      const levels = Array.from(
        { length: 12 },
        (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}*l${i}]`,
      );
      return ['l0: &l0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]', ...levels].join('\n');
    },
    statuses: [400],
  },
];

describe('hostile bodies', () => {
  it.each(bodies)(
    '$name: refused in the envelope, in little memory, while others are served',
    async (hostile) => {
      const highest = watchMemory(server.pid);
      let over = false;
      const bystander = (async () => {
        let served = 0;
        while (!over) {
          expect((await get(server.url, experimentId)).status).toBe('Succeeded');
          served += 1;
        }
        return served;
      })();
      for (let round = 0; round < (full ? 20 : 3); round += 1) {
        const answer = await fetch(`${server.url}/api/v1/experiment`, {
          method: 'POST',
          headers: { 'content-type': `application/${hostile.type}` },
          body: hostile.body(),
        }).catch(() => null);
        // A server may close the connection on a body that it will not read; then there is no answer to see.
        if (answer === null) expect(hostile.statuses).toContain(413);
        else {
          expect(hostile.statuses).toContain(answer.status);
          expect(await answer.json()).toMatchObject({ code: answer.status, result: null, attributes: {} });
        }
      }
      over = true;
      expect(await bystander).toBeGreaterThan(0);
      expect(highest()).toBeLessThan(300);
    },
  );
});

describe('slow and idle clients', () => {
  it('half-sent heads and bodies are cut off, while others are served', async () => {
    const halves = [
      'POST /api/v1/experiment HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty',
      'POST /api/v1/experiment HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"meta"',
    ];
    const sockets = await Promise.all(Array.from({ length: 200 }, (_, i) => open(halves[i % 2] ?? '')));
    const closed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))),
    );
    expect((await get(server.url, experimentId)).status).toBe('Succeeded');
    await closed;
    expect((await get(server.url, experimentId)).status).toBe('Succeeded');
  });

  it('1000 log readers that do not read cost little memory, while others are served', async () => {
    const print = await site.script(
      'print.mjs',
      `for (let i = 0; i < 20000; i++) console.log(i + 'x'.repeat(1000));`,
    );
    const big = await submit(server.url, { name: 'big', cmd: print.replace(/^sh/, process.execPath) });
    await waitForEnd(server.url, big.experimentId);
    const highest = watchMemory(server.pid);
    const readers = Array.from({ length: full ? 1000 : 300 }, () => {
      const reader = request(`${server.url}/api/v1/experiment/logs/${big.experimentId}`, { agent: false });
      reader.on('error', () => undefined);
      reader.on('response', (answer) => answer.on('error', () => undefined).pause());
      reader.end();
      return reader;
    });
    await Promise.all(readers.map((reader) => new Promise((resolve) => reader.on('response', resolve))));
    for (let round = 0; round < 50; round += 1) {
      expect((await get(server.url, experimentId)).status).toBe('Succeeded');
    }
    expect(highest()).toBeLessThan(600);
    for (const reader of readers) reader.destroy();
    await eventually(async () => expect((await get(server.url, experimentId)).status).toBe('Succeeded'));
  });
});

function open(text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(text);
      resolve(socket);
    });
    socket.on('error', () => undefined).once('error', reject);
    socket.resume();
  });
}
