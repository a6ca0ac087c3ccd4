/**
 * The wish that a job shall end, kept as the target of a symbolic link: it is made in one step, and needs
 * no free block on a full disk. Supervisors load this module, so it needs nothing but Node.
 */
import * as fs from 'node:fs';

/** Why a job is stopped, as its end will say. */
export type StopReason = 'user_stop' | 'respecified';

/** A wish that a job shall end. */
export interface StopRequest {
  readonly reason: StopReason;
  /** From SIGTERM to SIGKILL. */
  readonly graceMillis: number;
}

/** Asks for the end of a job. A second request keeps the first one's reason, and may only shorten its grace. One process asks at a time. */
export function requestStop(file: string, request: StopRequest): void {
  const earlier = readStopRequest(file);
  if (earlier === null) fs.symlinkSync(textOf(request), file);
  else if (request.graceMillis < earlier.graceMillis)
    replace(file, { ...earlier, graceMillis: request.graceMillis });
}

/** The request, or null if the job may go on. */
export function readStopRequest(file: string): StopRequest | null {
  let text: string;
  try {
    text = fs.readlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const [reason, grace] = text.split(':');
  return { reason: reason === 'respecified' ? 'respecified' : 'user_stop', graceMillis: Number(grace) };
}

function textOf(request: StopRequest): string {
  return `${request.reason}:${request.graceMillis}`;
}

function replace(file: string, request: StopRequest): void {
  const temporary = `${file}.new`;
  fs.rmSync(temporary, { force: true });
  fs.symlinkSync(textOf(request), temporary);
  fs.renameSync(temporary, file);
}
