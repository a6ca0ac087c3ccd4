import { describe, expect, it } from 'vitest';
import { readFile } from '../../../../adapters/polyaxon/translate/polyaxonfile.js';
import { toCore } from '../../../../adapters/polyaxon/translate/spec-to-core.js';
import { CoreError } from '../../../../src/core/errors.js';
import { malformedFiles } from '../malformed-files.js';

describe('readFile', () => {
  const document = { version: 1, kind: 'experiment', tags: null, run: { cmd: "it's" } };

  it.each([
    ['application/json', '{"version":1,"kind":"experiment","tags":null,"run":{"cmd":"it\'s"}}'],
    ['application/yaml', "version: 1\nkind: experiment\ntags:\nrun:\n  cmd: it's\n"],
    ['application/yaml', '{version: 1, kind: experiment, tags: ~, run: {cmd: "it\'s"}}'],
    ['application/yaml', "{'version': 1, 'kind': experiment, 'tags': null, 'run': {'cmd': 'it''s'}}"],
    ['text/x-python', `{'version': 1, 'kind': 'experiment', 'tags': None, 'run': {'cmd': "it's"}}`],
    [
      'text/x-python',
      `OrderedDict([('version', 1), ('kind', 'experiment'), ('tags', None), ('run', OrderedDict([('cmd', "it's")]))])`,
    ],
  ])('%s', (mediaType, text) => {
    expect(readFile(text)).toEqual({ mediaType, text, document });
  });
});

describe('a malformed file', () => {
  it.each(malformedFiles)('$name names $path', ({ content, path }) => {
    let thrown: unknown;
    try {
      toCore(readFile(content));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CoreError);
    const { detail, message } = thrown as CoreError;
    expect(detail.code).toBe('invalid');
    expect(detail).toHaveProperty('issues.0.path', path);
    expect(message.length).toBeLessThan(2000);
  });

  it('has each fault named, up to twenty', () => {
    const content = JSON.stringify({ version: 1, kind: 'experiment', tags: Array(30).fill(1), run: {} });
    const message = expect.stringMatching(/^content\.tags\.0: .*; content\.tags\.19: /);
    expect(() => toCore(readFile(content))).toThrow(expect.objectContaining({ message }));
  });

  it('leaves no trace in the prototypes', () => {
    const content = '{"version":1,"kind":"experiment","params":{"constructor":{"prototype":{"polluted":1}}}}';
    toCore(readFile(content));
    expect('polluted' in {}).toBe(false);
  });
});
