import { describe, expect, it } from 'vitest';
import type { SpecInput } from '../../../src/core/spec.js';
import { json, toCore } from './wire-specs.js';

const meta = { name: 'a', framework: 'TensorFlow' };
const one = { Worker: {} };

function specOf(document: unknown): SpecInput {
  return toCore(json(document)).spec;
}

describe('code', () => {
  it.each([
    [
      { syncMode: 'git', git: { url: 'https://github.com/a/b.git' } },
      { url: 'https://github.com/a/b.git', branch: null },
    ],
    [
      { syncMode: 'GIT', url: 'http://host/r' },
      { url: 'http://host/r', branch: null },
    ],
    [
      { syncMode: 'git', git: { url: 'ssh://git@host:22/r', branch: 'x' } },
      { url: 'ssh://git@host:22/r', branch: 'x' },
    ],
    [
      { syncMode: 'git', git: { url: 'git@github.com:a/b.git' } },
      { url: 'git@github.com:a/b.git', branch: null },
    ],
  ])('%j', (code, { url, branch }) => {
    expect(specOf({ meta, spec: one, code }).code).toEqual({ kind: 'git', url, branch });
  });

  it.each([[null], [{ syncMode: 's3', url: 's3://x' }], [{ syncMode: null }], [{}]])('none of %j', (code) => {
    expect(specOf({ meta, spec: one, code }).code).toBeNull();
  });

  it.each([
    '',
    'github.com/a/b',
    'file:///etc/passwd',
    'ext::sh -c id',
    '--upload-pack=id',
    '-oProxyCommand=id@host:x',
    'git@-oProxyCommand=id:x',
    'ssh://-oProxyCommand=id/x',
    'https:///x',
    'javascript:1',
  ])('%j is malformed', (url) => {
    const message = `Invalid Code Spec: URL is malformed. ${url}`;
    expect(() => specOf({ meta, spec: one, code: { syncMode: 'git', git: { url } } })).toThrow(message);
  });
});
