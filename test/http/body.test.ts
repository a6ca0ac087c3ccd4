import { describe, expect, it } from 'vitest';
import type { CoreErrorCode } from '../../src/core/errors.js';
import { type BodyRules, readBody } from '../../src/http/body.js';

const rules: BodyRules = {
  mediaTypes: ['application/json', 'application/yaml'],
  integers: 'number',
  maxBytes: 16 * 1024 * 1024,
  timeoutMs: 10_000,
};

type Content = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;

function post(body: Content, headers: Record<string, string>): Request {
  return new Request('http://127.0.0.1/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
}

function read(body: Content, type: string, over: Partial<BodyRules> = {}) {
  return readBody(post(body, { 'content-type': type }), { ...rules, ...over });
}

const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
const json = 'application/json';
const yaml = 'application/yaml';

describe('what is taken', () => {
  it.each<[string, string, Content, unknown]>([
    ['JSON', json, '{"a":[1,2.5,"x",null,true]}', { a: [1, 2.5, 'x', null, true] }],
    ['a charset', 'application/json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['a quoted charset in capitals', 'Application/JSON;Charset="UTF-8"', '{"a":1}', { a: 1 }],
    ['other parameters', 'application/json;v=1', '1', 1],
    ['a byte order mark', json, '\ufeff{"a":1}', { a: 1 }],
    ['the last of equal keys', json, '{"a":1,"a":2}', { a: 2 }],
    ['a surrogate pair', json, '{"a":"\\ud83d\\ude00"}', { a: '😀' }],
    ['harmless names of prototypes', json, '{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],
    ['64 levels', json, '['.repeat(64) + ']'.repeat(64), JSON.parse('['.repeat(64) + ']'.repeat(64))],
    ['YAML', yaml, 'a:\n  - 1\n  - b: yes\n', { a: [1, { b: 'yes' }] }],
    ['YAML with a charset', 'application/yaml;charset=utf-8', 'a: 1', { a: 1 }],
    ['YAML that is JSON', yaml, '{"a": [1, null]}', { a: [1, null] }],
    ['core tags', yaml, 'a: !!str 1', { a: '1' }],
    ['keys of other kinds as text', yaml, '1: a\ntrue: b', { '1': 'a', true: 'b' }],
    ['an alias', yaml, 'a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    [
      'a merge key as an ordinary one',
      yaml,
      '%YAML 1.1\n---\na: &x {b: 1}\nc:\n  <<: *x',
      { a: { b: 1 }, c: { '<<': { b: 1 } } },
    ],
    ['an empty body', json, '', undefined],
    ['blanks', json, ' \n\t ', undefined],
    ['null', json, 'null', undefined],
    ['an empty YAML document', yaml, '# nothing\n', undefined],
    ['a null YAML document', yaml, '~', undefined],
  ])('%s', async (_name, type, body, value) => {
    expect((await read(body, type)).value).toEqual(value);
  });

  it('gives back text and media type', async () => {
    expect(await read('a: 1 # one\n', 'application/yaml; charset=UTF-8')).toEqual({
      mediaType: yaml,
      text: 'a: 1 # one\n',
      value: { a: 1 },
    });
  });

  it('needs no type where there is no body', async () => {
    expect((await readBody(post(null, {}), rules)).value).toBeUndefined();
    expect((await readBody(post(null, { 'content-length': '0' }), rules)).value).toBeUndefined();
  });

  it('reads integers beyond 2^53 exactly where asked, and others as ever', async () => {
    const text =
      '{"a":[9007199254740993,-9223372036854775808,1234567890123456,0.30000000000000004,1e20],"a2":"9007199254740993"}';
    const { value } = await read(text, json, { integers: 'exact' });
    expect(value).toEqual({
      a: [9007199254740993n, -9223372036854775808n, 1234567890123456, 0.30000000000000004, 1e20],
      a2: '9007199254740993',
    });
    expect((await read('[9007199254740993]', json)).value).toEqual([9007199254740992]);
  });

  it('takes the last of equal keys among long integers too', async () => {
    expect((await read('{"a":1,"a":9007199254740993}', json, { integers: 'exact' })).value).toEqual({
      a: 9007199254740993n,
    });
  });
});

const laughs = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map(
    (key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
  ),
].join('\n');
const mebibyte = 1024 * 1024;

describe('what is refused', () => {
  it.each<[string, string, Content, CoreErrorCode]>([
    ['form data', 'application/x-www-form-urlencoded', 'a=1', 'unsupported_media_type'],
    ['text', 'text/plain', '{}', 'unsupported_media_type'],
    ['text/yaml', 'text/yaml', 'a: 1', 'unsupported_media_type'],
    ['two types', 'application/json, text/plain', '{}', 'unsupported_media_type'],
    ['a longer type', 'application/jsonx', '{}', 'unsupported_media_type'],
    ['another type without a body', 'text/plain', '', 'unsupported_media_type'],
    ['latin-1', 'application/json; charset=iso-8859-1', '{}', 'unsupported_media_type'],
    ['utf-16', 'application/json; charset=utf-16', '{}', 'unsupported_media_type'],
    ['UTF-16 with its mark', json, utf16('{"a":1}'), 'malformed'],
    ['UTF-16 without one', json, new Uint8Array(Buffer.from('{"a":1}', 'utf16le')), 'invalid'],
    ['wrong UTF-8', json, new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 'malformed'],
    ['a surrogate in UTF-8', json, new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'malformed'],
    ['a truncated object', json, '{"a":[1,', 'malformed'],
    ['rubbish', json, 'hello', 'malformed'],
    ['NaN', json, '{"a":NaN}', 'malformed'],
    ['single quotes', json, "{'a':1}", 'malformed'],
    ['a trailing comma', json, '[1,]', 'malformed'],
    ['two values', json, '{} {}', 'malformed'],
    ['1e999', json, '{"a":[{"b":1e999}]}', 'invalid'],
    ['10 MB of digits', json, '9'.repeat(10 * mebibyte), 'invalid'],
    ['a raw NUL', json, '{"a":"\0"}', 'invalid'],
    ['an escaped NUL', json, '{"a":"x\\u0000"}', 'invalid'],
    ['a NUL in a key', json, '{"a\\u0000":1}', 'invalid'],
    ['a lone surrogate', json, '{"a":"\\ud800x"}', 'invalid'],
    ['__proto__', json, '{"a":{"__proto__":{"b":1}}}', 'invalid'],
    ['__proto__ in disguise', json, '{"\\u005f_proto__":{"b":1}}', 'invalid'],
    ['65 levels', json, '['.repeat(65) + ']'.repeat(65), 'invalid'],
    ['10^6 levels of arrays', json, '['.repeat(1e6) + ']'.repeat(1e6), 'invalid'],
    ['10^6 levels of objects', json, `${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}`, 'invalid'],
    ['10^6 open brackets', json, '['.repeat(1e6), 'malformed'],
    ['an unclosed list', yaml, 'a: [1, 2', 'malformed'],
    ['bad indentation', yaml, 'a:\n  b: 1\n c: 2', 'malformed'],
    ['a tab for indentation', yaml, 'a:\n\tb: 1', 'malformed'],
    ['a key twice', yaml, 'a: 1\nb: 2\na: 3', 'malformed'],
    ['a list as key', yaml, '? [a]\n: b', 'malformed'],
    ['two documents', yaml, 'a: 1\n---\nb: 2', 'malformed'],
    ['10^5 documents', yaml, '---\n'.repeat(1e5), 'malformed'],
    ['a code tag', yaml, 'a: !!js/function "x"', 'malformed'],
    ['a Python tag', yaml, '!!python/object/apply:os.system ["id"]', 'malformed'],
    ['a custom tag', yaml, 'a: !foo x', 'malformed'],
    ['!!binary', yaml, 'a: !!binary aGk=', 'malformed'],
    ['!!set', yaml, 'a: !!set {x}', 'malformed'],
    ['an unknown alias', yaml, 'a: *nobody', 'malformed'],
    ['billion laughs', yaml, laughs, 'invalid'],
    ['a list in itself', yaml, '&a [*a]', 'invalid'],
    ['.inf', yaml, 'a: .inf', 'invalid'],
    ['.nan', yaml, 'a: .nan', 'invalid'],
    ['YAML 1e999', yaml, 'a: 1e999', 'invalid'],
    ['a NUL in YAML', yaml, 'a: "\\0"', 'invalid'],
    ['YAML __proto__', yaml, '__proto__: {a: 1}', 'invalid'],
    ['YAML __proto__ in disguise', yaml, '"\\x5f_proto__": {a: 1}', 'invalid'],
    ['deep flow', yaml, '['.repeat(1e6), 'invalid'],
    ['deep sequences', yaml, '- '.repeat(5e5), 'invalid'],
    ['deep keys', yaml, '? '.repeat(5e5), 'invalid'],
    [
      'deep mappings',
      yaml,
      Array.from({ length: 999 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'invalid',
    ],
    ['1 MiB of YAML errors', yaml, '}\n'.repeat(mebibyte / 2), 'too_large'],
    ['1 MiB of quotes', yaml, '"'.repeat(mebibyte), 'too_large'],
    [
      '10^5 YAML keys',
      yaml,
      Array.from({ length: 1e5 }, (_, index) => `k${index}: 1`).join('\n'),
      'too_large',
    ],
    [
      'anchors and aliases by thousands',
      yaml,
      Array.from({ length: 2e4 }, (_, index) => `- &k${index} x\n- *k${index}`).join('\n'),
      'too_large',
    ],
  ])('%s', async (_name, type, body, code) => {
    await expect(read(body, type)).rejects.toMatchObject({ name: 'CoreError', code });
  });

  it.each(['gzip', 'br', 'deflate', 'identity, gzip'])('content-encoding %s', async (encoding) => {
    const request = post('{}', { 'content-type': json, 'content-encoding': encoding });
    await expect(readBody(request, rules)).rejects.toMatchObject({ code: 'unsupported_media_type' });
  });

  it('a body without its type', async () => {
    const untyped = post(new Uint8Array([0x7b, 0x7d]), {});
    expect(untyped.headers.get('content-type')).toBeNull();
    await expect(readBody(untyped, rules)).rejects.toMatchObject({ code: 'unsupported_media_type' });
  });

  it('a type that this route does not take', async () => {
    const refused = read('a: 1', yaml, { mediaTypes: ['application/json'] });
    await expect(refused).rejects.toMatchObject({ code: 'unsupported_media_type' });
  });

  it('leaves no trace in the prototypes', async () => {
    await read('{"constructor":{"prototype":{"polluted":1}}}', json);
    await expect(read('{"__proto__":{"polluted":1}}', json)).rejects.toThrow();
    expect('polluted' in {}).toBe(false);
  });
});

describe('places of faults', () => {
  it.each([
    [json, '{"a":\n\n  [1,}', 'line 3, column 6'],
    [json, '{"a":\n  [1,', 'line 2, column 6'],
    [json, `{"a":"${'x'.repeat(500)}" "b"}`, 'line 1, column 509'],
    [yaml, 'a:\n  b: 1\n c: 2', 'line 3, column 1'],
    [json, '{"a":{"b":[0,1e999]}}', 'a.b.1: '],
    [yaml, 'a:\n  - "\\0"', 'a.0: '],
  ])('%s %s', async (type, body, place) => {
    await expect(read(body, type)).rejects.toThrow(place);
  });
});

describe('size and time', () => {
  const bytes = (count: number) => new Uint8Array(count).fill(0x20);

  /** Gives chunks for as long as somebody reads, and counts them. */
  function endless(): { stream: ReadableStream<Uint8Array<ArrayBuffer>>; given: () => number } {
    let given = 0;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          given += 1;
          if (given > 100) controller.close();
          else controller.enqueue(bytes(1024));
        },
      },
      { highWaterMark: 0 },
    );
    return { stream, given: () => given };
  }

  it('refuses by the declared length, before anything is read', async () => {
    const { stream, given } = endless();
    const request = post(stream, { 'content-type': json, 'content-length': '100000' });
    await expect(readBody(request, { ...rules, maxBytes: 2048 })).rejects.toMatchObject({
      code: 'too_large',
    });
    expect(given()).toBe(0);
  });

  it('refuses a body without a declared length once it is too long', async () => {
    const request = post(endless().stream, { 'content-type': json });
    await expect(readBody(request, { ...rules, maxBytes: 2048 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  it('takes a body of exactly the bound', async () => {
    const stream = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(c) {
          c.enqueue(bytes(2048));
          c.close();
        },
      });
    const request = () => post(stream(), { 'content-type': json });
    expect((await readBody(request(), { ...rules, maxBytes: 2048 })).text).toHaveLength(2048);
    await expect(readBody(request(), { ...rules, maxBytes: 2047 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  it('does not wait for ever', async () => {
    const silent = new ReadableStream<Uint8Array<ArrayBuffer>>({});
    const request = post(silent, { 'content-type': json });
    await expect(readBody(request, { ...rules, timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('calls a body that breaks off malformed', async () => {
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: (c) => c.error(new Error('reset')) });
    await expect(read(broken, json)).rejects.toMatchObject({ code: 'malformed' });
  });
});
