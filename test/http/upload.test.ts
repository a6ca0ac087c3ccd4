import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CoreError } from '../../src/core/errors.js';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { openUpload, type UploadRules } from '../../src/http/upload.js';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { count, createFiles, type FileDesk } from './files.js';
import { type Answer, ask, connectRaw, createSite, type Site } from './support.js';

const rules: UploadRules = { file: 'repo', maxBytes: 10_000, maxFieldBytes: 1000, stallMs: 10_000 };
const multipart = 'multipart/form-data; boundary=b';

const filePart = (content: string, name = 'repo', rest = '; filename="/home/ada/../x.tar.gz"') =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${rest}\r\nContent-Type: text/plain\r\n\r\n${content}\r\n`;
const textPart = (name: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;
const end = '--b--\r\n';

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

function post(body: Body, headers: Record<string, string> = { 'content-type': multipart }): Request {
  return new Request('http://127.0.0.1/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
}

async function read(body: Body, headers?: Record<string, string>, over: Partial<UploadRules> = {}) {
  const upload = await openUpload(post(body, headers), { ...rules, ...over }, (fields) => fields);
  try {
    let text = '';
    for await (const piece of upload.file) text += Buffer.from(piece).toString('latin1');
    return { text, fields: upload.fields() };
  } finally {
    await upload.dismiss();
  }
}

/** A body in pieces of a few bytes, so that every token is cut somewhere. */
function crumbs(text: string, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Buffer.from(text));
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

describe('what is taken', () => {
  it.each<[string, string, { text: string; fields: Record<string, string> }]>([
    ['a file', filePart('abc') + end, { text: 'abc', fields: {} }],
    ['an empty file', filePart('') + end, { text: '', fields: {} }],
    [
      'a field before',
      textPart('json', '{"a":1}') + filePart('x') + end,
      { text: 'x', fields: { json: '{"a":1}' } },
    ],
    ['a field behind', filePart('x') + textPart('json', 'ü') + end, { text: 'x', fields: { json: 'ü' } }],
    ['other fields', filePart('x') + textPart('other', '') + end, { text: 'x', fields: { other: '' } }],
    [
      'what looks like a boundary',
      `${filePart('--c\r\n\r\n-b--\r\n--\r\n-\r\n')}${end}`,
      { text: '--c\r\n\r\n-b--\r\n--\r\n-\r\n', fields: {} },
    ],
    ['a preamble and an epilogue', `hello\r\n${filePart('x')}${end}bye`, { text: 'x', fields: {} }],
    [
      'a field of just the bound',
      filePart('x') + textPart('a', 'y'.repeat(1000)) + end,
      { text: 'x', fields: { a: 'y'.repeat(1000) } },
    ],
  ])('%s', async (_name, body, result) => {
    expect(await read(body)).toEqual(result);
    for (const size of [1, 2, 7, 64]) expect(await read(crumbs(body, size))).toEqual(result);
  });

  it.each(['Multipart/Form-Data; charset=utf-8; boundary="b"', 'multipart/form-data;boundary=b'])(
    'the type %s',
    async (type) => {
      expect(await read(filePart('x') + end, { 'content-type': type })).toMatchObject({ text: 'x' });
    },
  );

  it('takes exactly as many bytes as it may', async () => {
    const body = filePart('x') + end;
    expect(await read(body, undefined, { maxBytes: body.length })).toMatchObject({ text: 'x' });
    await expect(read(body, undefined, { maxBytes: body.length - 1 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });
});

describe('what is refused', () => {
  const type = (value: string) => ({ 'content-type': value });

  it.each<[string, Body, Record<string, string> | undefined, string]>([
    ['no type', new Uint8Array(Buffer.from(filePart('x') + end)), {}, 'unsupported_media_type'],
    ['JSON', '{}', type('application/json'), 'unsupported_media_type'],
    ['another multipart', filePart('x') + end, type('multipart/mixed; boundary=b'), 'unsupported_media_type'],
    [
      'a longer type',
      filePart('x') + end,
      type('multipart/form-datax; boundary=b'),
      'unsupported_media_type',
    ],
    [
      'a compressed body',
      filePart('x') + end,
      { ...type(multipart), 'content-encoding': 'gzip' },
      'unsupported_media_type',
    ],
    ['no boundary', filePart('x') + end, type('multipart/form-data'), 'malformed'],
    [
      'a long boundary',
      filePart('x') + end,
      type(`multipart/form-data; boundary=${'b'.repeat(71)}`),
      'malformed',
    ],
    ['another boundary', filePart('x') + end, type('multipart/form-data; boundary=c'), 'malformed'],
    ['an empty body', '', undefined, 'malformed'],
    ['no parts', end, undefined, 'invalid'],
    ['no file', textPart('json', '{}') + end, undefined, 'invalid'],
    ['a text in the place of the file', textPart('repo', 'x') + end, undefined, 'invalid'],
    ['a file of another name', filePart('x', 'other') + end, undefined, 'invalid'],
    [
      'a file without a name',
      `--b\r\nContent-Disposition: form-data; filename="x"\r\n\r\nx\r\n${end}`,
      undefined,
      'invalid',
    ],
    [
      'a field without a name',
      `--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n${end}`,
      undefined,
      'malformed',
    ],
    ['two files', filePart('x') + filePart('y') + end, undefined, 'invalid'],
    ['a file and another', filePart('x') + filePart('y', 'other') + end, undefined, 'invalid'],
    ['a field twice', filePart('x') + textPart('a', '1') + textPart('a', '2') + end, undefined, 'invalid'],
    ['__proto__', filePart('x') + textPart('__proto__', '1') + end, undefined, 'invalid'],
    ['a NUL', filePart('x') + textPart('a', '\0') + end, undefined, 'invalid'],
    [
      'wrong UTF-8',
      new Uint8Array(Buffer.from(textPart('a', '\xff') + filePart('x') + end, 'latin1')),
      undefined,
      'invalid',
    ],
    ['a long field', filePart('x') + textPart('a', 'y'.repeat(1001)) + end, undefined, 'too_large'],
    [
      'many parts',
      filePart('x') + Array.from({ length: 40 }, (_, index) => textPart(`k${index}`, '')).join('') + end,
      undefined,
      'too_large',
    ],
    ['a long header', `--b\r\nX: ${'y'.repeat(20_000)}\r\n\r\nx\r\n${end}`, undefined, 'too_large'],
    ['a broken header', `--b\r\nContent Disposition\r\n\r\nx\r\n${end}`, undefined, 'malformed'],
    ['no end', filePart('x'), undefined, 'malformed'],
    ['no end of the file', filePart('x').slice(0, -2), undefined, 'malformed'],
    ['an end within a header', `${filePart('x')}--b\r\nContent-Disp`, undefined, 'malformed'],
  ])('%s', async (_name, body, headers, code) => {
    await expect(read(body, headers)).rejects.toMatchObject({ name: 'CoreError', code });
  });

  it('a header that is too long for a part, in a body that is not', async () => {
    const body = `--b\r\nX: ${'y'.repeat(20_000)}\r\n\r\nx\r\n${end}`;
    await expect(read(body, undefined, { maxBytes: 100_000 })).rejects.toMatchObject({ code: 'malformed' });
  });

  it('a body that is declared too large, whatever comes', async () => {
    const headers = { 'content-type': multipart, 'content-length': '10001' };
    await expect(read(filePart('x') + end, headers)).rejects.toMatchObject({ code: 'too_large' });
  });

  it('a client that sends no more', async () => {
    const silent = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (c) => c.enqueue(new Uint8Array(Buffer.from(filePart('x')))),
    });
    await expect(read(silent, undefined, { stallMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('what its fields are refused for, only when the file has ended', async () => {
    const upload = await openUpload(post(filePart('x') + end), rules, () => {
      throw new CoreError({ code: 'conflict' }, 'no');
    });
    await expect(count(upload.file)).rejects.toMatchObject({ code: 'conflict' });
    await upload.dismiss();
  });
});

describe('over a real socket', () => {
  let site: Site;
  let server: HttpServer;
  let port: number;
  let desk: FileDesk;

  beforeEach(async () => {
    site = await createSite();
    desk = {
      take: count,
      taken: [],
      async *bytes() {},
      options: { contentType: 'application/gzip' },
      async *texts() {},
    };
    const { app } = createFiles(site.deps, desk);
    server = createHttpServer((incoming, bindings) => app.fetch(incoming, bindings), defaultLimits);
    ({ port } = await server.listen('127.0.0.1', 0));
  });

  afterEach(async () => {
    await server.close(0);
    await site.remove();
  });

  const path = '/files/1?note=n';
  const headers = { 'content-type': multipart };
  const put = (body: string) => ask(port, { path, method: 'PUT', headers }, body);
  const mebibyte = 1024 * 1024;

  /** Sends a file of so many MiB at the server's pace, and tells how much has gone. */
  function send(megabytes: number, over: Record<string, string> = {}) {
    const progress = { sent: 0 };
    const answered = new Promise<Answer>((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port, path, method: 'PUT', headers: { ...headers, ...over }, agent: false },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        },
      );
      asking.on('error', reject);
      const [head = '', tail = ''] = filePart('|').split('|');
      asking.write(head);
      const next = () => {
        while (progress.sent < megabytes) {
          progress.sent += 1;
          if (!asking.write(Buffer.alloc(mebibyte, 0x61))) return void asking.once('drain', next);
        }
        asking.end(tail + textPart('json', '{"sync":true}') + end);
      };
      next();
    });
    return { progress, answered };
  }

  it('gives the handler params, query, caller, the file, and the fields that come behind it', async () => {
    const answer = await put(filePart('hello') + textPart('json', '{"sync":true}') + end);
    expect(JSON.parse(answer.text)).toEqual({
      id: '1',
      note: 'n',
      bytes: 5,
      fields: { json: '{"sync":true}' },
      user: 'root',
    });
  });

  it('names the field that the schema refuses, before the file counts as read', async () => {
    const answer = await put(filePart('hello') + textPart('json', 'x'.repeat(1001)) + end);
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([400, expect.stringMatching(/^json: /)]);
    expect(desk.taken).toEqual([]);
  });

  it.each([
    ['application/json', '{}', 415],
    [multipart, end, 400],
    [multipart, filePart('x'), 400],
  ])('refuses %s %.10s with %i in the envelope', async (type, body, status) => {
    const answer = await ask(port, { path, method: 'PUT', headers: { 'content-type': type } }, body);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json']);
  });

  it('takes 300 MB in little memory', async () => {
    const before = residentMegabytes(process.pid);
    const stop = watchMemory(process.pid);
    const { answered } = send(300);
    expect(JSON.parse((await answered).text)).toMatchObject({ bytes: 300 * mebibyte });
    // The client and what runs the tests have their share in it.
    expect(stop() - before).toBeLessThan(150);
  }, 60_000);

  it('lets the client send no faster than the file is read', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    desk.take = async (file) => {
      await gate;
      return count(file);
    };
    const { progress, answered } = send(300);
    let before = -1;
    await vi.waitFor(
      () => {
        const moved = progress.sent - before;
        before = progress.sent;
        expect(moved).toBe(0);
      },
      { interval: 200, timeout: 15_000 },
    );
    expect(progress.sent).toBeLessThan(64);
    go();
    expect((await answered).status).toBe(200);
  }, 60_000);

  it('throws to who reads when the client breaks off', async () => {
    let seen: unknown;
    desk.take = async (file) => {
      try {
        return await count(file);
      } catch (error) {
        seen = error;
        throw error;
      }
    };
    const head = `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${multipart}\r\nContent-Length: 100000\r\n\r\n`;
    const raw = connectRaw(port, head + filePart('x'.repeat(5000)).slice(0, -2));
    raw.socket.once('ready', () => setImmediate(() => raw.socket.destroy()));
    await vi.waitFor(() => expect(seen).toMatchObject({ code: 'malformed' }), { timeout: 5_000 });
    expect(desk.taken).toEqual([]);
  });

  it.each([
    ['before the file is read', async () => Promise.reject(new CoreError({ code: 'forbidden' }, 'no'))],
    [
      'in the midst of it',
      async (file: AsyncIterable<Uint8Array>) => {
        for await (const _piece of file) throw new CoreError({ code: 'forbidden' }, 'no');
        return 0;
      },
    ],
    [
      'for another reason than the file',
      async (file: AsyncIterable<Uint8Array>) => {
        await file[Symbol.asyncIterator]().next();
        throw new CoreError({ code: 'forbidden' }, 'no');
      },
    ],
  ])('a handler that refuses %s is heard', async (_name, take) => {
    desk.take = take;
    expect((await send(30).answered).status).toBe(403);
    expect((await put(filePart('x') + end)).status).toBe(403);
  });

  it('a handler that does not look at the file is heard', async () => {
    desk.take = async () => 7;
    const { status, text } = await send(10).answered;
    // The fields of what was not read are not known.
    expect([status, JSON.parse(text).code]).toEqual([500, 'internal']);
  });
});
