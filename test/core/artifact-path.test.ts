import { describe, expect, it } from 'vitest';
import {
  type ArtifactPath,
  artifactPath,
  childPath,
  codeRoot,
  isArtifactRoot,
  runRoot,
} from '../../src/core/artifact-path.js';
import type { CoreError } from '../../src/core/errors.js';
import type { ProjectId, RunId } from '../../src/core/ids.js';
import { hostilePaths, ordinaryPaths } from '../conformance/artifacts/paths.js';

function refusal(text: string): CoreError['detail'] | null {
  try {
    artifactPath(text);
    return null;
  } catch (error) {
    return (error as CoreError).detail;
  }
}

describe('artifactPath', () => {
  it.each(ordinaryPaths)('takes %j as it is', (path) => {
    expect(artifactPath(path)).toBe(path);
  });

  it.each(hostilePaths)('refuses %j: %s', (path, reason) => {
    expect(refusal(path)).toEqual({ code: 'invalid', issues: [{ path: 'path', message: reason }] });
  });
});

describe('childPath', () => {
  it('joins a name to a folder or to the root', () => {
    expect(childPath(null, 'a')).toBe('a');
    expect(childPath(artifactPath('a/b'), 'c')).toBe('a/b/c');
  });

  it.each(['..', '', 'a\\b', 'a\nb', 'x'.repeat(256)])('gives null for the name %j', (name) => {
    expect(childPath('a' as ArtifactPath, name)).toBeNull();
  });

  it('gives null where the whole becomes too long', () => {
    const folder = artifactPath(Array(4).fill('x'.repeat(250)).join('/'));
    expect(childPath(folder, 'y'.repeat(20))).toBe(`${folder}/${'y'.repeat(20)}`);
    expect(childPath(folder, 'y'.repeat(21))).toBeNull();
  });
});

describe('roots', () => {
  const id = '0196f1e2-0000-7000-8000-000000000001';

  it('of runs and of code are different, and fit for names of folders', () => {
    const roots = [runRoot(id as RunId), codeRoot(id as ProjectId)];
    expect(new Set(roots).size).toBe(2);
    expect(roots.every(isArtifactRoot)).toBe(true);
  });

  it.each(['', '.', '..', '.tmp', '-x', 'a/b', 'A', 'a\0', 'x'.repeat(129)])('%j is none', (text) => {
    expect(isArtifactRoot(text)).toBe(false);
  });
});
