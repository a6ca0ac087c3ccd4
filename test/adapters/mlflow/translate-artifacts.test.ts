import { describe, expect, it } from 'vitest';
import { proxiedPlace, toFolder } from '../../../adapters/mlflow/translate/artifact-path.js';

const hex = '0190a3d27e3f7c6f9f000123456789ab';
const run = '0190a3d2-7e3f-7c6f-9f00-0123456789ab';

describe('paths of the proxy', () => {
  it.each([
    [`1/${hex}/artifacts/model/MLmodel`, { owner: { run }, path: 'model/MLmodel' }],
    [`1/${hex}/artifacts`, { owner: { run }, path: null }],
    [`1/${hex}/artifacts/`, { owner: { run }, path: null }],
    [`0/models/m-${hex}/artifacts/x`, { owner: { model: `m-${hex}` }, path: 'x' }],
    [`1/${hex}/other/x`, null],
    ['1/short/artifacts/x', null],
    [`x/${hex}/artifacts/x`, null],
    [`${hex}/artifacts/x`, null],
    ['', null],
    ['1', null],
  ])('%s', (path, place) => {
    expect(proxiedPlace(path)).toEqual(place);
  });

  it.each(['../x', `1/${hex}/artifacts/../../x`, `1/${hex}/artifacts//x`, '/1/x', 'a\\..\\b', '1/./x'])(
    '%s is refused',
    (path) => {
      expect(() => proxiedPlace(path)).toThrow(/path: /);
    },
  );
});

describe('folders', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['.', null],
    ['/', null],
    ['a/', 'a'],
    ['a/b', 'a/b'],
  ])('%s', (text, folder) => {
    expect(toFolder(text)).toBe(folder);
  });
});
