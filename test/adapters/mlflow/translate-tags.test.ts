import { describe, expect, it } from 'vitest';
import { fromTags, sortTags, toCodeRef } from '../../../adapters/mlflow/translate/tags.js';

const noCode = { commit: null, head: null, branch: null, url: null, isDirty: null, diff: null };

describe('tags that stand for fields', () => {
  it('are sorted from those that are tags; of equal keys the last one counts', () => {
    expect(
      sortTags([
        { key: 'mlflow.runName', value: 'a' },
        { key: 'x', value: '1' },
        { key: 'mlflow.runName', value: 'b' },
        { key: 'mlflow.note.content', value: '' },
        { key: 'mlflow.parentRunId', value: 'p' },
        { key: 'mlflow.source.git.commit', value: 'c' },
        { key: 'mlflow.source.git.branch', value: 'main' },
        { key: 'mlflow.source.git.repoURL', value: 'u' },
        { key: 'mlflow.user', value: 'ada' },
        { key: 'x', value: '2' },
      ]),
    ).toEqual({
      fields: {
        name: 'b',
        description: '',
        parentRef: 'p',
        code: { commit: 'c', branch: 'main', url: 'u' },
      },
      tags: [
        { key: 'x', value: '2' },
        { key: 'mlflow.user', value: 'ada' },
      ],
    });
  });

  it('change the code reference in part, and take it away with its last part', () => {
    const present = { ...noCode, commit: 'c', head: 'h' };
    expect(toCodeRef(present, {})).toBeUndefined();
    expect(toCodeRef(present, { code: { branch: 'b' } })).toEqual({ ...present, branch: 'b' });
    expect(toCodeRef(null, { code: { commit: 'c' } })).toEqual({ ...noCode, commit: 'c' });
    expect(toCodeRef({ ...noCode, commit: 'c' }, { code: { commit: null } })).toBeNull();
  });

  it('are shown from the fields, before the others', () => {
    const run = { name: 'n', description: 'd', parentRef: 'gone', codeRef: { ...noCode, branch: 'b' } };
    const tags = [
      { key: 'x', value: '1' },
      { key: 'label', value: null },
      // Labels of another dialect's run, which say nothing of its name and its commit.
      { key: 'mlflow.runName', value: null },
      { key: 'mlflow.source.git.commit', value: null },
    ];
    expect(fromTags({ run, parentId: null, shownName: 'n' }, tags)).toEqual([
      { key: 'mlflow.runName', value: 'n' },
      { key: 'mlflow.note.content', value: 'd' },
      { key: 'mlflow.parentRunId', value: 'gone' },
      { key: 'mlflow.source.git.branch', value: 'b' },
      { key: 'x', value: '1' },
      { key: 'label', value: '' },
    ]);
  });
});
