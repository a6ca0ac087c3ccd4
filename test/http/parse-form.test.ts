import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/http/body.js';
import { parseForm } from '../../src/http/parse-form.js';
import { codeOf } from '../support/code-of.js';

const form = 'application/x-www-form-urlencoded';

function read(body: string | Uint8Array<ArrayBuffer>, type = form, maxBytes = 1024) {
  const request = new Request('http://127.0.0.1/', {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
  return readBody(request, { mediaTypes: [form], integers: 'number', maxBytes, timeoutMs: 10_000 });
}

describe('parseForm', () => {
  it.each<[string, Record<string, string>]>([
    ['username=ada&password=x', { username: 'ada', password: 'x' }],
    ['a=1+2%2B%3D%26', { a: '1 2+=&' }],
    ['a=b=c', { a: 'b=c' }],
    ['a&b=&=c', { a: '', b: '', '': 'c' }],
    ['&&a=1&', { a: '1' }],
    ['%C3%BC=%F0%9F%98%80ü', { ü: '😀ü' }],
    ['constructor=1&toString=2', { constructor: '1', toString: '2' }],
    ['a%0Ab=1', { 'a\nb': '1' }],
  ])('%s', (text, fields) => {
    expect(parseForm(text)).toEqual(fields);
  });

  it.each([
    ['a=%', 'malformed'],
    ['a=%zz', 'malformed'],
    ['a=%FF', 'malformed'],
    ['%C3=1', 'malformed'],
    ['a=%ED%A0%80', 'malformed'],
    ['a=%00', 'invalid'],
    ['a%00=1', 'invalid'],
    ['__proto__=1', 'invalid'],
    ['%5F_proto__=1', 'invalid'],
    ['a=1&a=2', 'invalid'],
    ['a&%61', 'invalid'],
    [Array.from({ length: 1001 }, (_, index) => `k${index}=`).join('&'), 'invalid'],
    ['&'.repeat(1e6), 'invalid'],
  ])('refuses %.20s', async (text, code) => {
    expect(await codeOf(Promise.resolve(text).then(parseForm))).toBe(code);
  });

  it('takes a thousand fields', () => {
    const text = Array.from({ length: 1000 }, (_, index) => `k${index}=`).join('&');
    expect(Object.keys(parseForm(text))).toHaveLength(1000);
  });
});

describe('a form as a body', () => {
  it('is taken with its charset, and given back as it came', async () => {
    expect(await read('username=a%20b', `${form}; charset=UTF-8`)).toEqual({
      mediaType: form,
      text: 'username=a%20b',
      value: { username: 'a b' },
    });
    expect((await read('')).value).toBeUndefined();
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, string, string]>([
    ['another charset', 'a=1', `${form}; charset=latin1`, 'unsupported_media_type'],
    ['JSON', '{}', 'application/json', 'unsupported_media_type'],
    ['bytes that are no text', new Uint8Array([0x61, 0x3d, 0xff]), form, 'malformed'],
    ['a NUL', 'a=\0', form, 'invalid'],
    ['too much', `a=${'x'.repeat(1024)}`, form, 'too_large'],
  ])('refuses %s', async (_name, body, type, code) => {
    await expect(read(body, type)).rejects.toMatchObject({ name: 'CoreError', code });
  });
});
