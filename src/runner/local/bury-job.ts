import { endProcesses } from './end-processes.js';
import { bootId, findJobProcesses, isAlive } from './processes.js';
import { failed, type JobEnd, type JobState, readState, stoppedEnd, writeState } from './state-file.js';
import { readStopRequest } from './stop-request.js';
import { now } from './wall-clock.js';

/** From SIGTERM to SIGKILL for the processes of a job whose supervisor died. */
const graceMillis = 2000;

/** True if somebody still answers for the job. */
export function isSupervised(state: JobState): boolean {
  return state.supervisor !== null && state.bootId === bootId() && isAlive(state.supervisor);
}

/**
 * Ends what is left of a job whose supervisor died without a record, and records that end for it.
 * `stateFile` and `stopFile` are the job's; a damaged state is replaced by `blank`.
 */
export async function buryJob(stateFile: string, stopFile: string, blank: JobState): Promise<void> {
  const reading = readState(stateFile);
  const state = typeof reading === 'string' ? blank : reading;
  if (state.end !== null) return;
  const isThisBoot = state.bootId === bootId();
  if (isThisBoot) {
    const leader = state.process !== null && isAlive(state.process) ? state.process : null;
    const since = performance.now();
    await endProcesses(
      () => findJobProcesses(state.jobId, leader),
      () => since + (readStopRequest(stopFile)?.graceMillis ?? graceMillis),
    );
  }
  writeState(stateFile, { ...state, finishedAt: now(), end: endOf(stopFile, isThisBoot) });
}

function endOf(stopFile: string, isThisBoot: boolean): JobEnd {
  const request = readStopRequest(stopFile);
  if (request !== null) return stoppedEnd(request.reason);
  if (!isThisBoot) return failed('node_lost', 'the machine was restarted while the job ran');
  return failed('internal', 'its supervisor ended without a record of the job');
}
