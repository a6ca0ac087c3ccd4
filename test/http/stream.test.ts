import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { jsonChunks } from '../../src/http/stream.js';
import { ask, connectRaw, createNotes, createSite, type LineSource, type Site } from './support.js';

async function* items(...values: unknown[]): AsyncGenerator<unknown> {
  yield* values;
}

async function textOf(value: unknown): Promise<string> {
  let text = '';
  for await (const chunk of jsonChunks(value)) text += chunk;
  return text;
}

describe('jsonChunks', () => {
  it.each<[string, unknown, unknown]>([
    ['a plain value', { a: [1, null, { b: 'x' }] }, { a: [1, null, { b: 'x' }] }],
    ['an iterable alone', items(1, 'a', null), [1, 'a', null]],
    ['no items', { a: items() }, { a: [] }],
    ['members around it', { a: 1, b: items(1, 2), c: { d: 3 } }, { a: 1, b: [1, 2], c: { d: 3 } }],
    [
      'iterables in items',
      items({ n: 1, of: items('x') }, { n: 2, of: items() }),
      [
        { n: 1, of: ['x'] },
        { n: 2, of: [] },
      ],
    ],
    ['iterables in arrays', { a: [items(1), items(), 2] }, { a: [[1], [], 2] }],
    ['members that are asked late', { a: () => 1, b: items(2), c: () => items(3) }, { a: 1, b: [2], c: [3] }],
    ['late members without a value left out', { a: () => undefined, b: { c: () => undefined } }, { b: {} }],
    ['undefined members left out', { a: undefined, b: items(1), c: undefined }, { b: [1] }],
    ['undefined items as null', items(undefined, 1), [null, 1]],
    ['text that needs escapes', items('"\n\u2028\ud800'), ['"\n\u2028\ud800']],
  ])('writes %s', async (_name, value, plain) => {
    expect(JSON.parse(await textOf(value))).toEqual(plain);
  });

  it('asks a late member when all before it is written', async () => {
    let seen = 0;
    async function* counted(): AsyncGenerator<number> {
      for (; seen < 3; seen += 1) yield seen;
    }
    expect(JSON.parse(await textOf({ list: counted(), seen: () => seen }))).toEqual({
      list: [0, 1, 2],
      seen: 3,
    });
  });

  it('gives pieces of some 32 KiB, however many items there are', async () => {
    async function* many(): AsyncGenerator<string> {
      for (let index = 0; index < 50_000; index += 1) yield 'x'.repeat(20);
    }
    const lengths: number[] = [];
    for await (const chunk of jsonChunks({ lines: many() })) lengths.push(chunk.length);
    expect(lengths.length).toBeGreaterThan(10);
    for (const length of lengths.slice(0, -1)) expect(length).toBeGreaterThanOrEqual(32 * 1024);
    expect(Math.max(...lengths)).toBeLessThan(65 * 1024);
  });
});

describe('over a real socket', () => {
  let site: Site;
  let server: HttpServer;
  let port: number;
  let source: LineSource;

  beforeEach(async () => {
    site = await createSite();
    source = { taken: 0, ended: false, failAt: -1, length: 3 };
    const notes = createNotes(site.deps, source);
    server = createHttpServer((request, bindings) => notes.app.fetch(request, bindings), defaultLimits);
    ({ port } = await server.listen('127.0.0.1', 0));
  });

  afterEach(async () => {
    await server.close(0);
    await site.remove();
  });

  const path = '/api/v1/environment';

  it('sends a short document whole, with its length', async () => {
    const answer = await ask(port, { path });
    expect(answer.headers['content-length']).toBe(String(answer.text.length));
    expect(JSON.parse(answer.text)).toMatchObject({ ok: true, lines: { length: 3 }, end: 1 });
    expect(source.ended).toBe(true);
  });

  it('sends a long one in chunks, complete', async () => {
    source.length = 20_000;
    const answer = await ask(port, { path });
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    const { lines, end } = JSON.parse(answer.text) as { lines: string[]; end: number };
    expect([lines.length, end]).toEqual([20_000, 1]);
    expect(lines.at(-1)).toMatch(/^line 20000 /);
  });

  it('answers properly when it fails before the first piece is full', async () => {
    source.failAt = 2;
    const answer = await ask(port, { path });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('/secret');
  });

  it('is cut when it fails later: the client sees an incomplete transfer', async () => {
    source.length = 1e9;
    source.failAt = 5_000;
    const raw = connectRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    const text = await raw.closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).not.toContain('\r\n0\r\n');
    expect(text).not.toContain('"end"');
    expect(text).not.toContain('/secret');
    await expect(ask(port, { path })).resolves.toMatchObject({ status: 500 });
    expect(site.logged.join()).toContain('an answer broke off');
  });

  it('is seen as broken by an HTTP client', async () => {
    source.length = 1e9;
    source.failAt = 5_000;
    await expect(ask(port, { path })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('stops taking items when the client reads no more, and ends when it goes away', async () => {
    source.length = 1e9;
    const raw = connectRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    raw.socket.pause();
    let before = -1;
    // What fits into the buffers of the sockets is taken; then nothing more.
    await vi.waitFor(
      () => {
        const moved = source.taken - before;
        before = source.taken;
        expect(source.taken).toBeGreaterThan(0);
        expect(moved).toBe(0);
      },
      { interval: 200, timeout: 15_000 },
    );
    expect(source.ended).toBe(false);
    raw.socket.destroy();
    await vi.waitFor(() => expect(source.ended).toBe(true), { timeout: 5_000 });
    expect(source.taken).toBeLessThan(1_000_000);
  });

  it('ends the iteration of a long document that HEAD asks for', async () => {
    source.length = 1e9;
    expect(await ask(port, { path, method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(source.ended).toBe(true);
  });
});
