import { describe, expect, it } from 'vitest';
import { hasSetup, isRescale } from '../../src/core/spec.js';
import { aRole, aSpec } from '../support/builders.js';

describe('a rescale', () => {
  const before = aSpec({ roles: [aRole({ replicas: 1 }), aRole({ name: 'Ps', kind: 'ps' })] });

  it('is a change of nothing but numbers of replicas, in whatever order the fields were stored', () => {
    const { setup, ...rest } = aRole({ replicas: 3 });
    const after = aSpec({ roles: [aRole({ name: 'Ps', kind: 'ps' }), { setup, ...rest }] });
    expect(isRescale(before, after)).toBe(true);
  });

  it.each([
    { name: 'another setup', role: { setup: 'make' } },
    { name: 'another command', role: { command: null } },
    { name: 'another variable', role: { env: [{ name: 'A', value: '1' }] } },
    {
      name: 'another placement',
      role: { placement: { nodeSelector: { a: 'b' }, tolerations: [], affinity: null } },
    },
  ])('is not $name', ({ role }) => {
    expect(isRescale(before, aSpec({ roles: [aRole({ ...role }), aRole({ name: 'Ps', kind: 'ps' })] }))).toBe(
      false,
    );
  });

  it('is not another namespace', () => {
    expect(isRescale(before, { ...before, namespace: 'team' })).toBe(false);
  });
});

it('a spec has a setup if a replica has one', () => {
  expect(hasSetup(aSpec({ roles: [aRole(), aRole({ name: 'Ps', setup: 'make' })] }))).toBe(true);
  expect(hasSetup(aSpec({ roles: [aRole(), aRole({ name: 'Ps', setup: 'make', replicas: 0 })] }))).toBe(
    false,
  );
});
