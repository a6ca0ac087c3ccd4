import type { Run } from '../../../src/core/model.js';
import { isTerminal } from '../../../src/core/status.js';
import type { Micros } from '../../../src/core/time.js';
import type { RunChange } from '../../../src/services/runs/update.js';
import { type RunExtension, runExtensionOf, withExtension } from '../extensions.js';
import type { RunUpdate } from '../wire/run.js';
import { toStatus } from './status.js';
import { toMicros } from './time.js';

const noDetail = { message: null, traceback: null, details: null } as const;

/** The end that a client names, kept beside the run where the run itself cannot have it. */
function withEnd(run: Run, endTime: bigint | undefined): Pick<RunChange, 'extend'> {
  return {
    extend(present) {
      const { endTime: _, ...rest } = runExtensionOf({ extensions: present }) ?? {};
      const own: RunExtension = endTime === undefined ? rest : { ...rest, endTime: String(endTime) };
      // A run of another dialect stays one as long as nothing has to be kept.
      const isNeeded = endTime !== undefined || runExtensionOf(run) !== null;
      return isNeeded ? withExtension(present, own) : present;
    },
  };
}

/**
 * What a client changes of a run. The end that it names is that of the status that it reports; without one it is
 * that of a run that has ended, and of another one it is kept until the run ends. 0 is none, as for the real server.
 */
export function toRunChange(
  run: Run,
  { status: word, end_time, run_name }: Pick<RunUpdate, 'status' | 'end_time' | 'run_name'>,
): RunChange {
  const named = run_name === '' ? {} : { name: run_name };
  const endTime = end_time === 0n ? undefined : end_time;
  if (word === undefined && endTime === undefined) return named;
  const status = word === undefined ? run.status : toStatus(word);
  const at: Micros | null = endTime === undefined ? null : toMicros(endTime);
  const ends = isTerminal(status);
  const isKept = endTime !== undefined && (at === null || !ends);
  const kept = isKept || word !== undefined || ends ? withEnd(run, isKept ? endTime : undefined) : {};
  if (word === undefined && !ends) return { ...named, ...kept };
  return { ...named, ...kept, report: { status, at: ends ? at : null, ...noDetail } };
}
