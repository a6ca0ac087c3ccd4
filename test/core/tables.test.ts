import { describe, expect, it } from 'vitest';
import { artifactPath } from '../../src/core/artifact-path.js';
import type { Tag } from '../../src/core/params.js';
import { isTableName, tablesNamedIn } from '../../src/core/tables.js';

const logged = (value: unknown): readonly Tag[] => [
  { key: 'other', value: '[]' },
  { key: 'mlflow.loggedArtifacts', value: typeof value === 'string' ? value : JSON.stringify(value) },
];

describe('tables among files', () => {
  it.each([
    ['a.parquet', true],
    ['folder/A.PARQUET', true],
    ['parquet', false],
    ['a.parquet.txt', false],
  ])('%s by its name: %s', (name, is) => {
    expect(isTableName(artifactPath(name))).toBe(is);
  });

  it('are named by a tag, each once', () => {
    const table = (path: unknown, type = 'table') => ({ path, type });
    const list = [table('a.json'), table('b/c'), table('a.json'), table('chart.html', 'image')];
    expect(tablesNamedIn(logged(list))).toEqual(['a.json', 'b/c']);
    const hostile = [
      table('../../etc/passwd'),
      table('/etc/passwd'),
      table('a\0b'),
      table(5),
      table(''),
      null,
      5,
    ];
    expect(tablesNamedIn(logged(hostile))).toEqual([]);
  });

  it.each([['{'], ['null'], ['5'], [{}], ['[[]]'], ['']])('are not named by a tag that is %j', (value) => {
    expect(tablesNamedIn(logged(value))).toEqual([]);
    expect(tablesNamedIn([{ key: 'mlflow.loggedArtifacts', value: null }])).toEqual([]);
    expect(tablesNamedIn([])).toEqual([]);
  });
});
