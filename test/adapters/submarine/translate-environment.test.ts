import { describe, expect, it } from 'vitest';
import { fromEnvironment, toEnvironment } from '../../../adapters/submarine/translate/environment.js';
import { environmentSpecInput } from '../../../adapters/submarine/wire/environment.js';
import type { WorkspaceKey } from '../../../src/core/ids.js';

const kernelSpec = {
  name: 'k',
  channels: ['defaults'],
  condaDependencies: ['a=1'],
  pipDependencies: [],
  more: true,
};
const none = { image: null, dockerImage: null, description: null, kernelSpec: null };

describe('an environment, there and back', () => {
  it.each([
    ['all of it', { name: 'e', image: 'i', dockerImage: 'd', description: 'x', kernelSpec }, {}],
    ['a name alone', { name: 'e' }, none],
    ['nulls', { name: 'e', ...none }, {}],
    ['keys that nobody knows', { name: 'e', image: 'i', color: { red: 1 } }, { ...none, image: 'i' }],
    ['any name but a path', { name: 'Über uns: “x”', dockerImage: '' }, { ...none, dockerImage: '' }],
  ])('%s', (_name, wire, added) => {
    const core = toEnvironment(environmentSpecInput.parse(wire));
    const times = { createdAt: 0, updatedAt: 0 };
    const shown = fromEnvironment({ ...core, ...times, sequence: 3, workspaceKey: 1 as WorkspaceKey }, 5);
    expect(shown).toEqual({ environmentId: 'environment_5_0003', environmentSpec: { ...added, ...wire } });
  });

  it.each(['', '.', '..', 'a/b', '../../etc/passwd', 'a\\b', 'a\nb', 'a\u0085b', 'x'.repeat(256)])(
    'the name %j is refused',
    (name) => {
      expect(environmentSpecInput.safeParse({ name }).success).toBe(false);
    },
  );
});
