import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../src/core/ids.js';
import { attemptName, jobName, roleSlug, shortId } from '../../../src/runner/kubernetes/names.js';

const runId = '01890000-0000-7000-8000-000000000001' as RunId;

describe('names on the cluster', () => {
  it('have all bits of the id of their run', () => {
    expect(shortId('00000000-0000-0000-0000-000000000000' as RunId)).toBe('a'.repeat(26));
    expect(shortId('ffffffff-ffff-ffff-ffff-ffffffffffff' as RunId)).toBe(`${'7'.repeat(25)}4`);
    expect(shortId('00000000-0000-0000-0000-000000000001' as RunId)).toBe(`${'a'.repeat(25)}e`);
    expect(shortId('80000000-0000-0000-0000-000000000000' as RunId)).toBe(`q${'a'.repeat(25)}`);
  });

  it('say attempt, role and, where replicas were added, revision', () => {
    const id = shortId(runId);
    expect(attemptName(runId, 2)).toBe(`r-${id}-2`);
    expect(jobName(runId, 1, 'Worker', null)).toBe(`r-${id}-1-worker`);
    expect(jobName(runId, 12, 'Worker', 3)).toBe(`r-${id}-12-worker-3`);
  });

  it.each([
    ['Job', `${jobName(runId, 999, 'An_Exceedingly_Long_Role_Name', 9999)}-99999`],
    ['TFJob', `${attemptName(runId, 999)}-evaluator-99999`],
  ])('leave room for the index of a pod of a %s in a DNS label', (_, pod) => {
    expect(pod.length).toBeLessThanOrEqual(63);
    expect(pod).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
  });

  it.each([
    ['Ps', 'ps'],
    ['parameter-server', 'parameter-server'],
  ])('call the role %s %s', (role, slug) => {
    expect(roleSlug(role)).toBe(slug);
  });

  it('never call two roles the same', () => {
    const roles = [
      'a_b',
      'a-b',
      'a--b',
      'a b',
      'ä',
      'ö',
      '',
      '-',
      '日本',
      'x'.repeat(30),
      'x'.repeat(31),
      '-a',
      'a-',
    ];
    const slugs = roles.map(roleSlug);
    expect(new Set(slugs).size).toBe(roles.length);
    for (const slug of slugs) expect(slug).toMatch(/^[a-z0-9]([-a-z0-9]{0,16}[a-z0-9])?$/);
  });
});
