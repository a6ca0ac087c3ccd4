import type { RunKey } from '../core/ids.js';
import type { Ports } from '../services/context.js';
import { admitAttempt, markQueued } from '../services/lifecycle/admit.js';
import { loadRun, type RunSnapshot } from '../services/lifecycle/load.js';
import { admissible, type Waiting } from './admission.js';
import { liveJobs } from './decide.js';

/** Who waits for room and who has it. */
export interface Line {
  /** Counts what the given runs hold, before anyone is let in: needed once, after a restart. */
  restore(keys: readonly RunKey[]): Promise<void>;
  /** Counts the slots that a run holds now; none, and out of the line, for a run that is gone. */
  count(key: RunKey, snapshot: RunSnapshot | null): void;
  /** Puts a run into the line and lets in whoever fits; says in its history that it waits, if it does and that is news. */
  join(waiting: Waiting, saidSo: boolean): Promise<void>;
  /** Lets in whoever fits. */
  advance(): Promise<void>;
}

export interface LineOptions {
  readonly ports: Ports;
  readonly slots: number | null;
  readonly wake: (key: RunKey) => void;
}

export function createLine({ ports, slots, wake }: LineOptions): Line {
  const waiting = new Map<RunKey, Waiting>();
  const held = new Map<RunKey, number>();
  /** Attempts let in here, until a snapshot shows it: an older snapshot must not give their slots away. */
  const granted = new Map<RunKey, number>();
  /** Rounds run one after another: each counts on what the last one let in. */
  let round: Promise<void> = Promise.resolve();

  function count(key: RunKey, snapshot: RunSnapshot | null): void {
    if (snapshot !== null && granted.get(key) === snapshot.attempt.number && !snapshot.attempt.admitted)
      return;
    granted.delete(key);
    const jobs = snapshot === null ? 0 : liveJobs(snapshot).length;
    if (jobs > 0) held.set(key, jobs);
    else held.delete(key);
    if (snapshot === null || waiting.get(key)?.attempt !== snapshot.attempt.number) waiting.delete(key);
  }

  async function letIn(): Promise<void> {
    const used = [...held.values()].reduce((sum, jobs) => sum + jobs, 0);
    for (const next of admissible(waiting.values(), used, slots)) {
      waiting.delete(next.runKey);
      held.set(next.runKey, (held.get(next.runKey) ?? 0) + next.jobs);
      granted.set(next.runKey, next.attempt);
      await admit(next);
      wake(next.runKey);
    }
  }

  async function admit({ runKey, attempt }: Waiting): Promise<void> {
    let admitted = false;
    try {
      admitted = await admitAttempt(ports, runKey, attempt);
    } finally {
      if (!admitted) {
        granted.delete(runKey);
        held.delete(runKey);
      }
    }
  }

  function advance(): Promise<void> {
    const mine = round.then(letIn);
    round = mine.catch(() => undefined);
    return mine;
  }

  return {
    async restore(keys) {
      for (const key of keys) count(key, await loadRun(ports.store.read, key));
    },
    count,
    async join(next, saidSo) {
      if (granted.get(next.runKey) === next.attempt) return;
      waiting.set(next.runKey, next);
      await advance();
      if (waiting.get(next.runKey) === next && !saidSo) {
        await markQueued(ports, next.runKey, next.attempt, `waits for ${next.jobs} of ${slots} slots`);
      }
    },
    advance,
  };
}
