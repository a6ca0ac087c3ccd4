import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { openSegmentWriter } from '../../src/logs/segments.js';
import { watchMemory } from '../support/memory.js';

interface Usage {
  readonly rss: number;
  readonly cpuMicros: number;
}

interface FollowServer {
  readonly pid: number;
  readonly port: number;
  readonly folders: readonly string[];
  usage(): Promise<Usage>;
  finish(): Promise<unknown>;
}

let child: ChildProcessWithoutNullStreams | null = null;

afterEach(async () => {
  if (child === null) return;
  child.stdin.end();
  await once(child, 'exit');
  child = null;
});

async function startServer(runs: number): Promise<FollowServer> {
  const entry = fileURLToPath(new URL('follow-server.ts', import.meta.url));
  const started = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', entry, String(runs)]);
  child = started;
  started.stderr.pipe(process.stderr);
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  const next = async <T>() => JSON.parse((await lines.next()).value ?? 'null') as T;
  const { port, folders } = await next<{ port: number; folders: string[] }>();
  const ask = <T>(command: string) => {
    started.stdin.write(`${command}\n`);
    return next<T>();
  };
  return {
    pid: started.pid ?? 0,
    port,
    folders,
    usage: () => ask<Usage>('usage'),
    finish: () => ask('finish'),
  };
}

interface Client {
  readonly socket: WebSocket;
  lines: number;
  readonly statuses: string[];
  readonly wrong: string[];
}

/** Follows a run whose lines are numbered from 0 in their beginnings. */
function follow(port: number, index: number): Client {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/follow/${index}`);
  const client: Client = { socket, lines: 0, statuses: [], wrong: [] };
  socket.on('message', (data) => {
    const { lines, status } = JSON.parse(String(data)) as { lines: string[] | null; status: string | null };
    if (status !== null) client.statuses.push(status);
    for (const line of lines ?? []) {
      if (Number.parseInt(line, 10) !== client.lines) client.wrong.push(line);
      client.lines += 1;
    }
  });
  return client;
}

describe('followers of runs', () => {
  it('200 for whom nothing comes cost less than 20 MB', async () => {
    const server = await startServer(201);
    // What the first of them brings into memory is no cost of a stream.
    const first = follow(server.port, 200);
    await vi.waitFor(() => expect(first.statuses).toEqual(['created']), { timeout: 10_000 });
    const before = await server.usage();
    const clients = Array.from({ length: 200 }, (_, index) => follow(server.port, index));
    for (const { statuses } of clients) {
      await vi.waitFor(() => expect(statuses).toEqual(['created']), { timeout: 10_000 });
    }
    const idle = await server.usage();
    expect((idle.rss - before.rss) / 1e6).toBeLessThan(20);
    if (process.env.FRANCA_MEASURE !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      const later = await server.usage();
      process.stderr.write(
        `200 idle: ${(idle.rss - before.rss) / 1e6} MB, ${(later.cpuMicros - idle.cpuMicros) / 200_000} % of a core\n`,
      );
    }
    const writer = openSegmentWriter(server.folders[7] ?? '');
    writer.add('stdout', 1, Buffer.from('0 hello'), 0, 7, true);
    writer.close();
    await vi.waitFor(() => expect(clients[7]?.lines).toBe(1), { timeout: 5_000 });
    expect(clients.reduce((sum, { lines }) => sum + lines, 0)).toBe(1);
    for (const { socket } of [first, ...clients]) socket.terminate();
  }, 60_000);

  it('one keeps up with 10^6 lines, for less than 120 MB', async () => {
    const server = await startServer(1);
    const client = follow(server.port, 0);
    await once(client.socket, 'open');
    // Counted from here: the compiler that this test's server carries is no part of Franca.
    const before = (await server.usage()).rss / 1024 ** 2;
    const highest = watchMemory(server.pid);
    const count = 1_000_000;
    const writer = openSegmentWriter(server.folders[0] ?? '');
    const began = performance.now();
    for (let n = 0; n < count; n += 1) {
      const line = Buffer.from(`${n} a line of a training job that prints its loss and accuracy 0.123456`);
      writer.add('stdout', n, line, 0, line.length, true);
      if (n % 500 !== 499) continue;
      writer.flush();
      if (n % 5_000 === 4_999) await new Promise(setImmediate);
    }
    writer.close();
    const written = performance.now();
    await server.finish();
    await once(client.socket, 'close');
    if (process.env.FRANCA_MEASURE !== undefined) {
      process.stderr.write(
        `10^6 lines: written in ${Math.round(written - began)} ms, given in ${Math.round(performance.now() - began)} ms, ${Math.round(highest())} MB, ${Math.round(before)} before\n`,
      );
    }
    expect([client.lines, client.wrong, client.statuses.at(-1)]).toEqual([count, [], 'succeeded']);
    expect(highest() - before).toBeLessThan(120);
  }, 60_000);
});
