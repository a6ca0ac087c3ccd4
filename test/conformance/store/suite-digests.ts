import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { artifactPath, runRoot } from '../../../src/core/artifact-path.js';
import type { RunId } from '../../../src/core/ids.js';
import type { FileDigest } from '../../../src/core/ports/index.js';
import type { Subject } from './suite.js';

const aDigest = (letter: string, fields: Partial<FileDigest> = {}): FileDigest => ({
  size: 5,
  modifiedAt: 1_795_254_000_000_001,
  sha256: letter.repeat(64),
  ...fields,
});

/** What is known of the bytes of files. */
export function digestCases(subject: Subject): void {
  describe('digests of files', () => {
    it('are kept by root and path, and replaced', async () => {
      const { store } = subject;
      const [one, other] = [runRoot(v7() as RunId), runRoot(v7() as RunId)];
      const path = artifactPath('model/ü ✓.bin');
      const large = aDigest('a', { size: 2 ** 52, modifiedAt: Number.MAX_SAFE_INTEGER });
      await store.transaction(async ({ digests }) => {
        await digests.put(one, path, aDigest('b'));
        await digests.put(one, path, large);
        await digests.put(other, path, aDigest('c'));
      });
      expect(await store.read.digests.find(one, path)).toEqual(large);
      expect(await store.read.digests.find(other, path)).toEqual(aDigest('c'));
      expect(await store.read.digests.find(one, artifactPath('model'))).toBeNull();
    });

    it('are forgotten with a file, with a folder, and with a root', async () => {
      const { store } = subject;
      const [one, other] = [runRoot(v7() as RunId), runRoot(v7() as RunId)];
      const paths = ['a', 'a-b', 'a.b', 'a/b', 'a/c/😀', 'a0', 'b'].map((path) => artifactPath(path));
      await store.transaction(async ({ digests }) => {
        for (const root of [one, other])
          for (const path of paths) await digests.put(root, path, aDigest('a'));
      });
      const left = async (root: typeof one) => {
        const found = await Promise.all(paths.map((path) => store.read.digests.find(root, path)));
        return paths.filter((_, place) => found[place] !== null);
      };
      await store.transaction(({ digests }) => digests.remove(one, artifactPath('b')));
      expect(await left(one)).toEqual(['a', 'a-b', 'a.b', 'a/b', 'a/c/😀', 'a0']);
      await store.transaction(({ digests }) => digests.remove(one, artifactPath('a')));
      expect(await left(one)).toEqual(['a-b', 'a.b', 'a0']);
      await store.transaction(({ digests }) => digests.remove(one, null));
      expect([await left(one), await left(other)]).toEqual([[], paths]);
    });
  });
}
