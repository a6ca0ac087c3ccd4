import type { ScriptRole } from './support.js';

/** Ends at SIGTERM, with this code. */
export const untilTerm = (code = 0) =>
  `trap "echo bye; exit ${code}" TERM; echo up; while :; do sleep 0.1; done`;

/** Ends, and the first replica, whose end is the run's, last. */
export const once = 'echo once; [ $JOB_COMPLETION_INDEX = 0 ] && sleep 5; true';

/** A parameter server that runs until it is stopped, and two workers. */
export const roles = (worker: string, ps = untilTerm()): Readonly<Record<string, ScriptRole>> => ({
  Ps: { script: ps },
  Worker: { script: worker, replicas: 2 },
});
