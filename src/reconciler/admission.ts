import type { RunKey } from '../core/ids.js';

/** An attempt in the line. */
export interface Waiting {
  readonly runKey: RunKey;
  readonly attempt: number;
  readonly position: number;
  /** How many slots it takes, all at once. */
  readonly jobs: number;
}

/**
 * Pure: who gets room now. First in, first out: an attempt is let in as a whole, nobody passes the one
 * at the head; one that is larger than all slots goes alone, when every slot is free.
 *
 * @param used slots that are taken.
 * @param slots how many there are; null without a limit.
 */
export function admissible(line: Iterable<Waiting>, used: number, slots: number | null): readonly Waiting[] {
  if (slots !== null && used >= slots) return [];
  const ordered = [...line].sort((a, b) => a.position - b.position);
  if (slots === null) return ordered;
  const admitted: Waiting[] = [];
  let taken = used;
  for (const head of ordered) {
    const fits = taken + head.jobs <= slots;
    const alone = slots > 0 && taken === 0;
    if (!fits && !alone) break;
    admitted.push(head);
    taken += head.jobs;
  }
  return admitted;
}
