import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePython } from '../../../../adapters/polyaxon/translate/python-literal.js';
import { pythonText } from '../../../../adapters/polyaxon/translate/python-text.js';

describe('what Python prints of a dict', () => {
  it.each<[string, unknown]>([
    ["{'version': 1, 'kind': 'experiment', 'tags': None}", { version: 1, kind: 'experiment', tags: null }],
    [`{'a': "it's", "b": 'say "x"', 'c': 'both \\' and "'}`, { a: "it's", b: 'say "x"', c: `both ' and "` }],
    ["{u'a': u'\\xfc\\u2028\\U0001f600', 'b': 'x\\n\\t\\\\'}", { a: 'ü\u2028😀', b: 'x\n\t\\' }],
    [
      "{'a': True, 'b': False, 'c': [1, -2.5, 1e-05, 1e+16]}",
      { a: true, b: false, c: [1, -2.5, 1e-5, 1e16] },
    ],
    ["{'a': (1, 2), 'b': (1,), 'c': (), 'd': [], 'e': {}}", { a: [1, 2], b: [1], c: [], d: [], e: {} }],
    [
      "OrderedDict([('version', 1), ('run', OrderedDict([('cmd', 'x')]))])",
      { version: 1, run: { cmd: 'x' } },
    ],
    ["OrderedDict({'a': OrderedDict()})", { a: {} }],
    ["{1: 'x', 'n': 3L}", { '1': 'x', n: 3 }],
    ["  {'a': 1,\n 'b': 2,}\n", { a: 1, b: 2 }],
    ["{'a': '\\d \\101'}", { a: '\\d A' }],
  ])('%s', (text, value) => {
    expect(parsePython(text)).toEqual({ value });
  });

  it.each([
    '{',
    "{'a'}",
    "{'a': 1",
    "{'a': 1}}",
    "{'a': b}",
    "{'a': 'x\ny'}",
    "{'a': b'x'}",
    "{'a': '\\N{BULLET}'}",
    "{'a', 'b'}",
    '{None: 1}',
    "OrderedDict([('a')])",
    "OrderedDict([('a', 1)], 2)",
  ])('nothing else: %s', (text) => {
    expect(parsePython(text)).toBeUndefined();
  });

  it.each([
    "{'a': datetime.date(2018, 1, 1)}",
    "{'a': __import__('os').system('id')}",
    "{'a': nan}",
    "{'a': [-1, inf]}",
    "{'a': 1, 'a': 2}",
    `${"{'a': ".repeat(65)}1${'}'.repeat(65)}`,
  ])('but is refused as such: %.30s', (text) => {
    expect(() => parsePython(text)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('reads what it prints of any JSON', () => {
    const json = fc
      .jsonValue({ noUnicodeString: false })
      .filter((value) => !/-0(?![.\d])/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(json, (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const again = parsePython(pythonText([value]))?.value;
        expect(JSON.stringify(again)).toBe(JSON.stringify([value]));
      }),
    );
  });
});

describe('pythonText', () => {
  it.each<[unknown, string]>([
    ['it is "text"', 'it is "text"'],
    [0.1, '0.1'],
    [1, '1'],
    [-3, '-3'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [1.5e-7, '1.5e-07'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [123456789012345.6, '123456789012345.6'],
    [true, 'True'],
    [null, 'None'],
    [[1, 'a', "it's", null, [true]], `[1, 'a', "it's", None, [True]]`],
    [{ a: 1, b: { c: 'x\n' } }, "{'a': 1, 'b': {'c': 'x\\n'}}"],
    [['\u2028\xa0\x7f'], "['\\u2028\\xa0\\x7f']"],
  ])('%j', (value, text) => {
    expect(pythonText(value)).toBe(text);
  });
});
