/**
 * What is known of a job from its claim to its end: one file of a fixed size, made by link(2), which only
 * one of many can do, and from then on overwritten in place, which needs no free block on a full disk.
 * Supervisors load this module, so it needs nothing but Node.
 */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Reason, TerminalStatus } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { ProcessId } from './processes.js';
import type { StopReason } from './stop-request.js';

/** The size of a state file: one page, which the kernel writes as a whole. */
export const stateBytes = 4096;

const maxMessageLength = 400;

/** How a job ended. */
export interface JobEnd {
  readonly status: TerminalStatus;
  readonly reason: Reason | null;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The end of a job that was stopped. */
export function stoppedEnd(reason: StopReason): JobEnd {
  const message = reason === 'user_stop' ? 'stopped on request' : 'no longer a part of the run';
  return { status: 'stopped', reason, message, exitCode: null, signal: null };
}

/** The end of a job that failed without an exit code of its own. */
export function failed(reason: Reason, message: string): JobEnd {
  return { status: 'failed', reason, message, exitCode: null, signal: null };
}

/** The state of a claimed job. */
export interface JobState {
  readonly runId: string;
  readonly jobId: string;
  /** The boot in which it was claimed. */
  readonly bootId: string;
  /** Who answers for it; null if the runner claimed it to keep it from starting. */
  readonly supervisor: ProcessId | null;
  /** The main process of what runs of it: of its setup until that is done, then of its command. */
  readonly process: ProcessId | null;
  /** When its setup was done; null before that and for a job without one; absent from versions that knew none. */
  readonly builtAt?: Micros | null;
  /** When its command was started. */
  readonly startedAt: Micros | null;
  readonly finishedAt: Micros | null;
  readonly end: JobEnd | null;
}

/** What a state file tells: `absent` before the claim, `damaged` when it cannot be read as one write. */
export type StateReading = JobState | 'absent' | 'damaged';

const claimPrefix = 'claim.';

/** True for the name of a file that `reserveClaim` made. */
export function isClaim(name: string): boolean {
  return name.startsWith(claimPrefix);
}

/** Makes a file in a job's folder by which one process may claim the job, so that claiming needs no room on the disk. */
export function reserveClaim(folder: string): string {
  const claim = path.join(folder, `${claimPrefix}${randomUUID()}`);
  const descriptor = fs.openSync(claim, 'wx', 0o600);
  try {
    fs.writeSync(descriptor, Buffer.alloc(stateBytes, ' '), 0, stateBytes, 0);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  return claim;
}

/**
 * Claims a job: true for the one caller that does so first. `claim` is one that was reserved for the
 * caller alone; it becomes the state file. Durable when it returns, so that no power cut leads to a second start.
 */
export function claimJob(claim: string, file: string, state: JobState): boolean {
  writeState(claim, state);
  try {
    fs.linkSync(claim, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(claim, { force: true });
  }
  const folder = fs.openSync(path.dirname(file), 'r');
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
  return true;
}

/** Overwrites a state file; durable when it returns. Only the owner of a claim, or who buries it, may. */
export function writeState(file: string, state: JobState): void {
  const descriptor = fs.openSync(file, 'r+');
  try {
    fs.writeSync(descriptor, encode(state), 0, stateBytes, 0);
    fs.fdatasyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Reads a state file. */
export function readState(file: string): StateReading {
  // A read may meet a write halfway; the next one then finds it whole.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
      throw error;
    }
    const state = decode(text);
    if (state !== null) return state;
  }
  return 'damaged';
}

/** The stamp at both ends differs if a page holds parts of two writes. */
function encode(state: JobState): Buffer {
  const stamp = process.hrtime.bigint().toString();
  const message = state.end?.message ?? null;
  const short =
    message !== null && message.length > maxMessageLength
      ? `${message.slice(0, maxMessageLength)}…`
      : message;
  const text = JSON.stringify({
    stamp,
    state: { ...state, end: state.end && { ...state.end, message: short } },
    last: stamp,
  });
  const page = Buffer.alloc(stateBytes, ' ');
  if (page.write(text) < Buffer.byteLength(text)) throw new RangeError('the state of a job is too long');
  return page;
}

function decode(text: string): JobState | null {
  try {
    const { stamp, state, last } = JSON.parse(text) as { stamp: string; state: JobState; last: string };
    return stamp === last ? state : null;
  } catch {
    return null;
  }
}
