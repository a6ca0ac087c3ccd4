import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { v7 } from 'uuid';
import type { Clock, Crash, IdSource } from '../core/ports/index.js';
import { microsFromMillis } from '../core/time.js';

/** The system's clock; with a file, ahead of it by the milliseconds that the file says at the time. */
export function createClock(file: string | null): Clock {
  if (file === null) return { now: () => microsFromMillis(Date.now()) };
  return { now: () => microsFromMillis(Date.now() + Number(readFileSync(file, 'utf8'))) };
}

/** Identities and secrets from the system's source of randomness. */
export const systemIds: IdSource = {
  uuid: () => v7(),
  secret: () => randomBytes(32).toString('base64url'),
};

/** Kills this process at the wanted passing of a point; does nothing without one. */
export function createCrash(wanted: { readonly point: string; readonly pass: number } | null): Crash {
  if (wanted === null) return () => {};
  let passes = 0;
  return (point) => {
    if (point !== wanted.point) return;
    passes += 1;
    if (passes === wanted.pass) process.kill(process.pid, 'SIGKILL');
  };
}
