import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { ask, connectRaw, createNotes, createSite, type LineSource, type Site } from './support.js';

const impatient = {
  ...defaultLimits,
  headersTimeout: 300,
  bodyWindow: 500,
  minBodyBytes: 1_000,
  checkInterval: 30,
  keepAliveTimeout: 200,
  stallTimeout: 2_500,
};

let site: Site;
let server: HttpServer;
let port: number;
let source: LineSource;

beforeEach(async () => {
  site = await createSite();
  source = { taken: 0, ended: false, failAt: -1, length: 1e9 };
  const notes = createNotes(site.deps, source);
  server = createHttpServer((request, bindings) => notes.app.fetch(request, bindings), impatient);
  ({ port } = await server.listen('127.0.0.1', 0));
});

afterEach(async () => {
  await server.close(0);
  await site.remove();
});

const host = 'Host: 127.0.0.1\r\n';
const json = 'Content-Type: application/json\r\n';
const path = '/api/v1/experiment/x';

describe('clients that take their time', () => {
  it.each([
    ['say nothing of their headers', 'GET / HT'],
    ['stop within the headers', `GET ${path} HTTP/1.1\r\n${host}X-A: `],
    ['stop before the body', `POST /api/v1/experiment HTTP/1.1\r\n${host}${json}Content-Length: 100\r\n\r\n`],
    [
      'stop within the body',
      `POST /api/v1/experiment HTTP/1.1\r\n${host}${json}Content-Length: 100\r\n\r\n{"ti`,
    ],
    [
      'stop within a chunk',
      `POST /api/v1/experiment HTTP/1.1\r\n${host}${json}Transfer-Encoding: chunked\r\n\r\n5\r\n{"t`,
    ],
  ])('%s: 408, and the connection ends', async (_name, text) => {
    const answer = await connectRaw(port, text).closed;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/Connection: close/i);
  });

  it('drip: one byte now and then does not keep a request open', async () => {
    const raw = connectRaw(port, `GET ${path} HTTP/1.1\r\n${host}`);
    const drip = setInterval(() => raw.socket.write('X'), 40);
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  it('drip: nor does one of the body', async () => {
    const raw = connectRaw(
      port,
      `POST /api/v1/experiment HTTP/1.1\r\n${host}${json}Content-Length: 1000\r\n\r\n`,
    );
    const drip = setInterval(() => raw.socket.write(' '), 40);
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  it('connect and say nothing at all: the connection ends', async () => {
    expect(await connectRaw(port).closed).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('do not read what they asked for: the connection ends, and the work for it', async () => {
    const raw = connectRaw(port, `GET /api/v1/environment HTTP/1.1\r\n${host}\r\n`);
    raw.socket.pause();
    await vi.waitFor(() => expect(source.ended).toBe(true), { timeout: 10_000 });
    raw.socket.destroy();
  });

  it('keep an idle connection: it ends', async () => {
    const raw = connectRaw(port, `GET ${path} HTTP/1.1\r\n${host}\r\n`);
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('do not hold others up', async () => {
    const slow = Array.from({ length: 100 }, () =>
      connectRaw(port, `POST /api/v1/experiment HTTP/1.1\r\n${host}`),
    );
    expect((await ask(port, { path })).status).toBe(200);
    for (const { socket } of slow) socket.destroy();
  });
});

describe('requests that two servers could read in two ways', () => {
  it.each([
    ['both lengths', `${host}${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${host}${json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length with a sign', `${host}${json}Content-Length: +2\r\n\r\n{}`],
    ['an unknown encoding', `${host}${json}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunked not last', `${host}${json}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['a blank before the colon', `${host}${json}Content-Length : 2\r\n\r\n{}`],
    ['a folded header', `${host}${json}X-A: b\r\n c\r\nContent-Length\r\n: 2\r\n\r\n{}`],
    ['a bare CR', `${host}X-A: b\rc\r\nContent-Length: 2\r\n\r\n{}`],
    ['a NUL in a header', `${host}X-A: b\0c\r\nContent-Length: 2\r\n\r\n{}`],
    ['a bad chunk size', `${host}${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ])('%s: 400, and the connection ends', async (_name, rest) => {
    const answer = await connectRaw(port, `POST /api/v1/experiment HTTP/1.1\r\n${rest}`).closed;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('headers beyond the bound: 431', async () => {
    const raw = connectRaw(port, `GET ${path} HTTP/1.1\r\n${host}X-A: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    [
      'two Host headers',
      `GET ${path} HTTP/1.1\r\n${host}Host: evil.example\r\nConnection: close\r\n\r\n`,
      403,
    ],
    ['no Host', `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`, 403],
    ['HTTP/1.0 without Host', `GET ${path} HTTP/1.0\r\n\r\n`, 403],
    ['an empty Host', `GET ${path} HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n`, 403],
    ['userinfo in Host', `GET ${path} HTTP/1.1\r\nHost: a@127.0.0.1\r\nConnection: close\r\n\r\n`, 403],
    ['a path in Host', `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1/x\r\nConnection: close\r\n\r\n`, 403],
    ['IPv6', `GET ${path} HTTP/1.1\r\nHost: [::1]:5050\r\nConnection: close\r\n\r\n`, 200],
    ['absolute form', `GET http://127.0.0.1${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 200],
    [
      'absolute form of another host',
      `GET http://evil.example${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      400,
    ],
    [
      'absolute form with userinfo',
      `GET http://a:b@127.0.0.1${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      400,
    ],
    [
      'absolute form of another scheme',
      `GET ftp://127.0.0.1${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      400,
    ],
    ['a target that is no path', `GET api/v1 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
    ['a backslash', `GET /api\\v1 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 200],
    ['GET *', `GET * HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
    ['two slashes at first', `GET //evil.example/ HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 404],
    [
      'climbing',
      `GET /api/v1/experiment/../../../etc/passwd HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      400,
    ],
    [
      'climbing in disguise',
      `GET /api/v1/experiment/%2e%2e/%2E%2e HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      400,
    ],
    [
      'absolute form that climbs',
      `GET http://127.0.0.1${path}/../y HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      400,
    ],
    [
      'absolute form without a path',
      `GET http://127.0.0.1 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      404,
    ],
    ['a fragment', `GET ${path}#y HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ])('%s', async (_name, text, status) => {
    expect(await connectRaw(port, text).closed).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

describe('bodies that are too large', () => {
  const big = `{"title":"${'x'.repeat(10 * 1024 * 1024)}"}`;
  const post = { path: '/api/v1/experiment', method: 'POST' };

  it('are refused by their declared length while they are being sent', async () => {
    const answer = await ask(
      port,
      { ...post, headers: { 'content-type': 'application/json', 'content-length': big.length } },
      big,
    );
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'too_large' });
  });

  it('are refused as chunks too', async () => {
    const answer = await ask(
      port,
      { ...post, headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } },
      big,
    );
    expect(answer.status).toBe(413);
  });

  it('leave the connection fit for the next request, or end it', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    const raw = connectRaw(
      port,
      `POST /api/v1/experiment HTTP/1.1\r\n${host}${json}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    raw.socket.write(`GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    const answers = (await raw.closed).match(/HTTP\/1\.1 \d+/g);
    expect(answers?.[0]).toBe('HTTP/1.1 413');
    expect(['HTTP/1.1 200', undefined]).toContain(answers?.[1]);
  });

  it('a body that no route reads does not hang the connection', async () => {
    const raw = connectRaw(
      port,
      `POST /api/v1/nothing HTTP/1.1\r\n${host}${json}Content-Length: 5\r\n\r\n{"a":`,
    );
    raw.socket.write(`GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expect((await raw.closed).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200']);
  });
});

describe('close', () => {
  it('ends idle connections at once and takes no new ones', async () => {
    const idle = connectRaw(port, `GET ${path} HTTP/1.1\r\n${host}\r\n`);
    const silent = connectRaw(port);
    await vi.waitFor(() => expect(idle.received()).toContain('200 OK'));
    await server.close(10_000);
    await Promise.all([idle.closed, silent.closed]);
    await expect(ask(port, { path })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets a request in flight be answered, and then ends its connection', async () => {
    const raw = connectRaw(
      port,
      `POST /api/v1/experiment HTTP/1.1\r\n${host}${json}Content-Length: 13\r\n\r\n{"titl`,
    );
    await vi.waitFor(async () => expect((await ask(port, { path })).status).toBe(200));
    const closing = server.close(10_000);
    raw.socket.write('e":"x"}');
    const answer = await raw.closed;
    await closing;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer).toMatch(/connection: close/i);
  });

  it('cuts what is still open at the deadline', async () => {
    const raw = connectRaw(port, `GET /api/v1/environment HTTP/1.1\r\n${host}\r\n`);
    raw.socket.pause();
    await vi.waitFor(() => expect(source.taken).toBeGreaterThan(0));
    await server.close(100);
    await vi.waitFor(() => expect(source.ended).toBe(true));
    raw.socket.resume();
    expect(await raw.closed).not.toContain('"end"');
  });
});

describe('listen', () => {
  it('rejects for a taken port', async () => {
    const second = createHttpServer(() => new Response(''), defaultLimits);
    await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
