import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { attachment } from '../../src/http/send.js';
import { createFiles, type FileDesk } from './files.js';
import { ask, connectRaw, createSite, type Site } from './support.js';

describe('attachment', () => {
  it.each([
    ['outputs.tar.gz', 'attachment; filename="outputs.tar.gz"'],
    ["a b'(c)*.txt", `attachment; filename="a b'(c)*.txt"`],
    ['', 'attachment; filename=""'],
    ['a"b\\c.txt', `attachment; filename="a_b_c.txt"; filename*=UTF-8''a%22b_c.txt`],
    ['ü (1)*.txt', `attachment; filename="_ (1)*.txt"; filename*=UTF-8''%C3%BC%20%281%29%2A.txt`],
    ['100%41.txt', `attachment; filename="100_41.txt"; filename*=UTF-8''100%2541.txt`],
    ['../../etc/passwd', 'attachment; filename=".._.._etc_passwd"'],
    ['a\r\nSet-Cookie: x', 'attachment; filename="a__Set-Cookie: x"'],
    ['a\0\u202egpj.exe\ud800', 'attachment; filename="a__gpj.exe_"'],
    ['😀', `attachment; filename="_"; filename*=UTF-8''%F0%9F%98%80`],
    ['x'.repeat(300), `attachment; filename="${'x'.repeat(200)}"`],
  ])('%j', (name, header) => {
    expect(attachment(name)).toBe(header);
  });
});

/** Pieces of 64 KiB, counted. */
interface Source {
  length: number;
  failAt: number;
  taken: number;
  ended: boolean;
}

let site: Site;
let server: HttpServer;
let port: number;
let source: Source;
let desk: FileDesk;

async function* pieces(): AsyncGenerator<Uint8Array> {
  try {
    while (source.taken < source.length) {
      if (source.taken === source.failAt) throw new Error('the disk of /secret/place broke');
      source.taken += 1;
      yield Buffer.alloc(64 * 1024, source.taken);
    }
  } finally {
    source.ended = true;
  }
}

async function* lines(): AsyncGenerator<string> {
  for await (const piece of pieces()) yield `line ${piece[0]} ü\n`;
}

beforeEach(async () => {
  site = await createSite();
  source = { length: 3, failAt: -1, taken: 0, ended: false };
  desk = {
    take: async () => 0,
    taken: [],
    bytes: pieces,
    options: { contentType: 'application/gzip', fileName: 'a.tar.gz' },
    texts: lines,
  };
  const { app } = createFiles(site.deps, desk);
  server = createHttpServer((request, bindings) => app.fetch(request, bindings), defaultLimits);
  ({ port } = await server.listen('127.0.0.1', 0));
});

afterEach(async () => {
  await server.close(0);
  await site.remove();
});

const path = '/files/1';
const mebibyte = 1024 * 1024;

describe('bytes', () => {
  it('are sent whole, as what a client saves and a browser does not run', async () => {
    const answer = await ask(port, { path });
    expect(answer.text).toHaveLength(3 * 64 * 1024);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/gzip',
      'content-disposition': 'attachment; filename="a.tar.gz"',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'transfer-encoding': 'chunked',
    });
    expect(source.ended).toBe(true);
  });

  it('have a length where one is given, and a name only where one is given', async () => {
    desk.options = { contentType: 'application/octet-stream', length: 3 * 64 * 1024 };
    const { headers, text } = await ask(port, { path });
    expect(headers['content-length']).toBe(String(text.length));
    expect(headers['content-disposition']).toBe('attachment');
  });

  it('may be none', async () => {
    source.length = 0;
    expect(await ask(port, { path })).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': '0' },
    });
  });

  it('break off when they are fewer than told', async () => {
    source.length = 2;
    desk.options = { contentType: 'application/octet-stream', length: 3 * 64 * 1024 };
    await expect(ask(port, { path })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('end where it was told, as those of a file that grows', async () => {
    source.length = 1e9;
    desk.options = { contentType: 'application/octet-stream', length: 100_000 };
    expect((await ask(port, { path })).text).toHaveLength(100_000);
    await vi.waitFor(() => expect(source.ended).toBe(true));
  });

  it('get a proper answer when the first piece fails', async () => {
    source.failAt = 0;
    const answer = await ask(port, { path });
    expect([answer.status, answer.headers['content-type']]).toEqual([500, 'application/json']);
    expect(answer.headers['content-disposition']).toBeUndefined();
    expect(answer.text).not.toContain('/secret');
  });

  it('are cut when a later piece fails', async () => {
    source.length = 1e9;
    source.failAt = 200;
    const text = await connectRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`).closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).not.toContain('\r\n0\r\n');
    expect(text).not.toContain('/secret');
    expect(site.logged.join()).toContain('an answer broke off');
  });

  it('are taken at the pace of the client, and no more of them when it is gone', async () => {
    source.length = 1e9;
    const raw = connectRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    raw.socket.pause();
    let before = -1;
    await vi.waitFor(
      () => {
        const moved = source.taken - before;
        before = source.taken;
        expect(source.taken).toBeGreaterThan(0);
        expect(moved).toBe(0);
      },
      { interval: 200, timeout: 15_000 },
    );
    // What the buffers of two sockets hold.
    expect(source.taken * 64 * 1024).toBeLessThan(64 * mebibyte);
    expect(source.ended).toBe(false);
    raw.socket.destroy();
    await vi.waitFor(() => expect(source.ended).toBe(true), { timeout: 5_000 });
  });

  it('are not read for HEAD', async () => {
    source.length = 1e9;
    desk.options = { contentType: 'application/gzip', fileName: 'a', length: 5 };
    const { status, headers, text } = await ask(port, { path, method: 'HEAD' });
    expect([status, headers['content-length'], text, source.taken]).toEqual([200, '5', '', 0]);
  });

  it('are let go of for HEAD, as what holds a file open must be', async () => {
    const close = vi.fn(async () => ({ done: true as const, value: undefined }));
    desk.bytes = () => ({ [Symbol.asyncIterator]: () => ({ next: close, return: close }) });
    for (const length of [undefined, 5]) {
      desk.options = { contentType: 'application/gzip', ...(length === undefined ? {} : { length }) };
      expect((await ask(port, { path, method: 'HEAD' })).status).toBe(200);
    }
    expect(close).toHaveBeenCalledTimes(2);
  });

  it('are 406 for who wants JSON alone', async () => {
    const asked = (accept: string) => ask(port, { path, headers: { accept } });
    expect((await asked('application/json')).status).toBe(406);
    expect((await asked('application/gzip, application/json')).status).toBe(200);
  });
});

describe('text', () => {
  it('is sent in UTF-8', async () => {
    const { text, headers } = await ask(port, { path: '/logs' });
    expect(text).toBe('line 1 ü\nline 2 ü\nline 3 ü\n');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(headers['content-disposition']).toBeUndefined();
  });

  it('is sent in few pieces, complete', async () => {
    source.length = 10_000;
    const { text } = await ask(port, { path: '/logs' });
    expect(text.split('\n')).toHaveLength(10_001);
  });

  it('gets a proper answer when it fails before a piece is full', async () => {
    source.failAt = 2;
    expect((await ask(port, { path: '/logs' })).status).toBe(500);
  });

  it('is not read for HEAD', async () => {
    expect(await ask(port, { path: '/logs', method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(source.taken).toBe(0);
  });
});

describe('answers without a body', () => {
  const json = { 'content-type': 'application/json' };

  it('204, to a DELETE with a body', async () => {
    // Node's client does not tell the length of this body by itself.
    const remove = (body: string) =>
      ask(
        port,
        { path: '/files', method: 'DELETE', headers: { ...json, 'content-length': body.length } },
        body,
      );
    const answer = await remove('{"ids":[1]}');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers['content-type']).toBeUndefined();
    expect(JSON.parse((await remove('{"ids":[true]}')).text)).toMatchObject({ code: 'invalid' });
  });

  it('201, to a form or its JSON', async () => {
    for (const [type, body] of [
      ['application/x-www-form-urlencoded', 'username=ada+b'],
      ['application/json', '{"username":"ada b"}'],
    ] as const) {
      const headers = { 'content-type': type };
      const answer = await ask(port, { path: '/files', method: 'POST', headers }, body);
      expect([answer.status, answer.headers['x-user'], answer.text]).toEqual([201, 'ada b', '']);
    }
  });
});

describe('the document', () => {
  it('shows bytes, texts, uploads, forms and what has no body', () => {
    const { paths } = createFiles(site.deps, desk).document();
    const file = paths?.['/files/{id}'];
    expect(file?.get?.responses?.['200']).toEqual({
      description: 'The file.',
      content: { 'application/gzip': { schema: { type: 'string', format: 'binary' } } },
    });
    expect(paths?.['/logs']?.get?.responses?.['200']).toEqual({
      description: 'The log.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    });
    expect(file?.put?.requestBody).toEqual({
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            required: ['repo'],
            properties: {
              repo: { type: 'string', format: 'binary' },
              json: { type: 'string', maxLength: 1000 },
            },
          },
        },
      },
    });
    expect(file?.put?.responses).toHaveProperty('413');
    const { delete: remove, post } = paths?.['/files'] ?? {};
    expect(remove?.requestBody).toMatchObject({ content: { 'application/json': {} } });
    expect(remove?.responses?.['204']).toEqual({ description: 'They are gone.' });
    expect(post?.responses?.['201']).toEqual({ description: 'Done.' });
    expect(post?.requestBody).toHaveProperty('content.application/x-www-form-urlencoded');
  });
});
