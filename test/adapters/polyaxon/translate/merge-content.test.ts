import { describe, expect, it } from 'vitest';
import { mergeContent } from '../../../../adapters/polyaxon/translate/merge-content.js';
import { readFile } from '../../../../adapters/polyaxon/translate/polyaxonfile.js';
import { toCore } from '../../../../adapters/polyaxon/translate/spec-to-core.js';

const source = `version: 1
kind: experiment
declarations: {lr: 0.1, model: {act: relu, units: 3}}
environment:
  resources: {cpu: {requests: 1}}
run: {cmd: 'x {{ lr }} {{ model.act }}'}
`;

describe('mergeContent', () => {
  it.each<[string, string, object]>([
    ['a param', 'params: {lr: 0.2}', { params: { lr: 0.2, model: { act: 'relu', units: 3 } } }],
    [
      'one deeper',
      'declarations: {model: {units: 4}}',
      { params: { lr: 0.1, model: { act: 'relu', units: 4 } } },
    ],
    ['what Python prints', "{'run': {'cmd': 'y'}}", { run: { cmd: 'y' } }],
    ['a list, whole', '{"run": {"cmd": ["a", "b"]}}', { run: { cmd: ['a', 'b'] } }],
    ['a new section', 'tags: [a]', { tags: ['a'] }],
    ['null', 'environment: null', { environment: null }],
    ['a mapping for a text', 'run: {cmd: {a: b}}', { run: { cmd: { a: 'b' } } }],
    [
      'beside what is there',
      'environment: {resources: {cpu: {limits: 2}, memory: {requests: 5}}}',
      { environment: { resources: { cpu: { requests: 1, limits: 2 }, memory: { requests: 5 } } } },
    ],
  ])('%s', (_name, part, changed) => {
    const merged = mergeContent(source, part);
    const { declarations: params, ...unchanged } = readFile(source).document;
    expect(merged.document).toEqual({ ...unchanged, params, ...changed });
    expect(merged.mediaType).toBe('application/json');
    expect(readFile(merged.text)).toEqual(merged);
  });

  it('gives a file that can be read', () => {
    const { spec, params } = toCore(mergeContent(source, '{"params": {"lr": 1}}'));
    expect(spec?.roles[0]?.command).toEqual({ kind: 'shell', script: 'x 1 relu' });
    expect(params.map(({ key }) => key)).toEqual(['lr', 'model']);
  });

  it('takes a whole file where there was none', () => {
    expect(mergeContent(null, source).document).toMatchObject({ version: 1, params: { lr: 0.1 } });
  });

  it.each(['', 'x', '[1]', 'run: *x', '{"__proto__": {"a": 1}}'])('refuses the part %j', (part) => {
    expect(() => mergeContent(source, part)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('leaves the origin as it was', () => {
    mergeContent(source, 'params: {model: {act: tanh}}');
    expect(mergeContent(source, '{}').document).toMatchObject({ params: { model: { act: 'relu' } } });
  });
});
