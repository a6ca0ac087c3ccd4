import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock, Crash, IdSource } from '../core/ports/index.js';
import { microsFromMillis } from '../core/time.js';

/** The system's clock. */
export const systemClock: Clock = { now: () => microsFromMillis(Date.now()) };

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
