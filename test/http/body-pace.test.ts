import { afterEach, describe, expect, it } from 'vitest';
import type { Fetch } from '../../src/http/http-env.js';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { connectRaw } from './support.js';

const limits = { ...defaultLimits, checkInterval: 20, bodyWindow: 300, minBodyBytes: 1_000 };
const head = (length: number) =>
  `PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let server: HttpServer;

async function serve(fetch: Fetch): Promise<number> {
  server = createHttpServer(fetch, limits);
  return (await server.listen('127.0.0.1', 0)).port;
}

afterEach(() => server.close(0));

describe('a body', () => {
  it('may take as long as it needs if it comes steadily', async () => {
    const port = await serve(async (request) => new Response(String((await request.text()).length)));
    const { socket, closed } = connectRaw(port, head(40_000));
    for (let sent = 0; sent < 40; sent += 1) {
      socket.write('x'.repeat(1_000));
      await pause(50);
    }
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('40000');
  });

  it('that comes too slowly is refused', async () => {
    const port = await serve(async (request) => new Response(await request.text()));
    const { socket, closed } = connectRaw(port, head(40_000));
    const drip = setInterval(() => socket.write('x'.repeat(10)), 20);
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  it('waits for a server that is slow to read it', async () => {
    const port = await serve(async (request) => {
      await pause(1_000);
      return new Response(String((await request.arrayBuffer()).byteLength));
    });
    const size = 20 * 1024 * 1024;
    const { socket, closed } = connectRaw(port, head(size));
    socket.write(Buffer.alloc(size));
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(String(size));
  });

  it('that nobody wants does not hold its connection for ever', async () => {
    const port = await serve(() => new Response('no', { status: 404 }));
    const { socket, closed } = connectRaw(port, head(40_000).replace('Connection: close\r\n', ''));
    socket.write('x'.repeat(10));
    expect(await closed).toMatch(/^HTTP\/1\.1 404 /);
  });
});
