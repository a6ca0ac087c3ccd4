import { request } from 'node:http';
import { z } from '@hono/zod-openapi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { rangeOf } from '../../src/http/range.js';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { ask, connectRaw, createSite, type Site } from './support.js';

const maxBytes = 400 * 1024 * 1024;

let site: Site;
let server: HttpServer;
let port: number;
let stored: Buffer;
let large: number;

/** One file in memory, put and got as bytes, at two addresses. */
beforeEach(async () => {
  site = await createSite();
  stored = Buffer.from('0123456789');
  const { add, addRawUpload, answer, bytes, app } = createDialectApp({
    deps: site.deps,
    title: 'Raw',
    description: 'A dialect for tests.',
    contentType: 'application/json',
    checksAccept: false,
    maxBodyBytes: 1024,
    errorSchema: z.object({ code: z.string() }).openapi('Fault'),
    renderError: (error) => ({ status: httpStatusOf[error.code], body: { code: error.code } }),
  });
  const common = { path: '/raw/{path{.+}}', aliases: ['/other/{path{.+}}'], tag: 'File', summary: 'A file' };
  const params = z.object({ path: z.string() });
  addRawUpload(
    {
      ...common,
      method: 'put',
      operationId: 'put',
      params,
      raw: { maxBytes },
      answers: { 200: { description: '' } },
    },
    async (input, _ctx, c) => {
      const pieces: Uint8Array[] = [];
      large = 0;
      for await (const piece of input.bytes) {
        large += piece.byteLength;
        if (large < 1000) pieces.push(piece);
      }
      stored = Buffer.concat(pieces);
      return answer(c, { path: input.params.path, size: BigInt(large) });
    },
  );
  add(
    {
      ...common,
      method: 'get',
      operationId: 'get',
      params,
      answers: { 200: { description: '', mediaType: 'application/octet-stream' } },
    },
    (_input, _ctx, c) => {
      const range = rangeOf(c, stored.length);
      const part = range === null ? stored : stored.subarray(range.start, range.end + 1);
      async function* given() {
        yield part;
      }
      return bytes(c, given(), {
        contentType: 'application/octet-stream',
        length: part.length,
        servesParts: true,
        ...(range === null ? {} : { part: { start: range.start, size: stored.length } }),
      });
    },
  );
  server = createHttpServer((incoming, bindings) => app.fetch(incoming, bindings), defaultLimits);
  ({ port } = await server.listen('127.0.0.1', 0));
});

afterEach(async () => {
  await server.close(0);
  await site.remove();
});

/** Puts a file of so many MB, as fast as the server takes it. */
async function sendMegabytes(count: number): Promise<void> {
  const path = '/raw/x';
  const sending = request({ port, method: 'PUT', path, headers: { 'Transfer-Encoding': 'chunked' } });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sending.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
  const piece = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; sent < count; sent += 1) {
    if (!sending.write(piece)) await new Promise((resolve) => sending.once('drain', resolve));
  }
  sending.end();
  expect(await answered).toBe(200);
  expect(large).toBe(count * 1024 * 1024);
}

describe('a raw upload', () => {
  it.each([
    ['application/octet-stream', 'hello'],
    ['text/html', '<p>'],
    [undefined, ''],
  ])('takes bytes of the type %s', async (type, body) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
    const answer = await ask(port, { method: 'PUT', path: '/raw/a/b%20c.txt', headers }, body);
    expect([answer.status, answer.text]).toEqual([200, `{"path":"a/b c.txt","size":${body.length}}`]);
    expect(stored.toString()).toBe(body);
  });

  it('is served at its other address, too', async () => {
    expect((await ask(port, { method: 'PUT', path: '/other/x' }, 'abc')).status).toBe(200);
    expect((await ask(port, { path: '/other/x' })).text).toBe('abc');
    expect((await ask(port, { method: 'POST', path: '/other/x' }, 'abc')).status).toBe(405);
  });

  it('refuses what is compressed, and what is too large by its own word', async () => {
    const gzip = { 'Content-Encoding': 'gzip' };
    expect((await ask(port, { method: 'PUT', path: '/raw/x', headers: gzip }, 'x')).status).toBe(415);
    const head = `PUT /raw/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: ${maxBytes + 1}\r\n\r\n`;
    const { socket, received } = connectRaw(port, head);
    await expect.poll(received, { timeout: 15_000 }).toContain('413');
    socket.destroy();
  });

  it('that breaks off is no whole file', async () => {
    large = -1;
    const { socket, closed } = connectRaw(
      port,
      'PUT /raw/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc',
    );
    await expect.poll(() => large).toBe(3);
    socket.end();
    await closed;
    expect(stored.toString()).toBe('0123456789');
  });

  it('takes 300 MB in little memory', async () => {
    // A process that has worked has a larger heap, whatever it did.
    await sendMegabytes(50);
    const highest = watchMemory(process.pid);
    const before = residentMegabytes(process.pid);
    await sendMegabytes(300);
    expect(highest() - before).toBeLessThan(100);
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['Bytes= 0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=10-', 416, '{"code":"range_not_satisfiable"}', 'bytes */10'],
    ['bytes=-0', 416, '{"code":"range_not_satisfiable"}', 'bytes */10'],
    ['bytes=3-2', 200, '0123456789', undefined],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['bytes=-', 200, '0123456789', undefined],
    ['lines=0-3', 200, '0123456789', undefined],
    [`bytes=${'9'.repeat(400)}-`, 200, '0123456789', undefined],
  ])('%s', async (Range, status, text, contentRange) => {
    const answer = await ask(port, { path: '/raw/x', headers: { Range } });
    expect([answer.status, answer.text, answer.headers['content-range']]).toEqual([
      status,
      text,
      contentRange,
    ]);
    if (status === 416) return;
    expect(answer.headers).toMatchObject({ 'content-length': `${text.length}`, 'accept-ranges': 'bytes' });
  });

  it('is not looked at where the client says that the file may have changed', async () => {
    const headers = { Range: 'bytes=0-3', 'If-Range': '"x"' };
    expect((await ask(port, { path: '/raw/x', headers })).status).toBe(200);
  });

  it('of an empty file is none', async () => {
    stored = Buffer.alloc(0);
    expect((await ask(port, { path: '/raw/x', headers: { Range: 'bytes=0-' } })).status).toBe(416);
    expect((await ask(port, { path: '/raw/x' })).status).toBe(200);
  });
});
