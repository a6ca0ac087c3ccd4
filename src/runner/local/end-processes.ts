/** Ends processes for good. Supervisors load this module, so it needs nothing but Node. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessId, signalProcess } from './processes.js';

const firstPauseMillis = 5;
const longestPauseMillis = 200;

/**
 * Asks every process that `find` gives to end, and kills those that still live at `killAt` (milliseconds of
 * `performance.now()`; asked each time, for it may come nearer). Resolves when none is left. New processes
 * that appear meanwhile are treated alike.
 */
export async function endProcesses(find: () => readonly ProcessId[], killAt: () => number): Promise<void> {
  const asked = new Set<string>();
  let isKilling = false;
  let pause = firstPauseMillis;
  // A process that forks while the list is read may hide its child from one look, so two must find nothing.
  for (let empty = 0; ; ) {
    const living = find();
    empty = living.length === 0 ? empty + 1 : 0;
    if (empty === 2) return;
    const untilKill = killAt() - performance.now();
    if (untilKill <= 0 && !isKilling) {
      isKilling = true;
      pause = firstPauseMillis;
    }
    for (const id of living) {
      const key = `${id.pid} ${id.startTime}`;
      if (isKilling) signalProcess(id, 'SIGKILL');
      else if (!asked.has(key)) signalProcess(id, 'SIGTERM');
      asked.add(key);
    }
    if (empty > 0) await delay(firstPauseMillis);
    else await delay(isKilling ? pause : Math.min(pause, Math.ceil(untilKill)));
    pause = Math.min(pause * 2, longestPauseMillis);
  }
}
