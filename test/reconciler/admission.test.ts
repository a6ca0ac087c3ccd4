import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunKey } from '../../src/core/ids.js';
import { admissible, type Waiting } from '../../src/reconciler/admission.js';

const waiting = (position: number, jobs: number): Waiting => ({
  runKey: position as RunKey,
  attempt: 1,
  position,
  jobs,
});
const positions = (line: readonly Waiting[]) => line.map((entry) => entry.position);

describe('admission', () => {
  it.each([
    { name: 'nobody waits', line: [], used: 0, slots: 2, in: [] },
    { name: 'all fit', line: [waiting(1, 1), waiting(2, 1)], used: 0, slots: 2, in: [1, 2] },
    { name: 'first in, first out', line: [waiting(2, 1), waiting(1, 1)], used: 1, slots: 2, in: [1] },
    { name: 'nobody passes the head', line: [waiting(1, 2), waiting(2, 1)], used: 1, slots: 2, in: [] },
    { name: 'a large one goes alone', line: [waiting(1, 9), waiting(2, 1)], used: 0, slots: 2, in: [1] },
    { name: 'a large one waits for all slots', line: [waiting(1, 9)], used: 1, slots: 2, in: [] },
    { name: 'no slot, no start', line: [waiting(1, 1)], used: 0, slots: 0, in: [] },
    { name: 'no limit', line: [waiting(2, 5), waiting(1, 5)], used: 100, slots: null, in: [1, 2] },
  ])('$name', ({ line, used, slots, in: expected }) => {
    expect(positions(admissible(line, used, slots))).toEqual(expected);
  });

  it('never takes more than there is, but for one alone, and lets in a prefix of the line', () => {
    const entry = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), fc.nat(8), fc.nat(8), (sizes, used, slots) => {
        const line = sizes.map((jobs, position) => waiting(position, jobs));
        const admitted = admissible(line, used, slots);
        const total = used + admitted.reduce((sum, { jobs }) => sum + jobs, 0);
        expect(positions(admitted)).toEqual(sizes.slice(0, admitted.length).map((_, index) => index));
        expect(admitted.length === 0 || total <= slots || (used === 0 && admitted.length === 1)).toBe(true);
        const next = line[admitted.length];
        if (next !== undefined && slots > 0) expect(total + next.jobs > slots).toBe(true);
      }),
    );
  });
});
