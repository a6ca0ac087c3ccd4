import type { Micros } from '../../../src/core/time.js';

/** Microseconds of milliseconds; null for what the core's clock cannot hold, such as nanoseconds sent by mistake. */
export function toMicros(milliseconds: bigint): Micros | null {
  const micros = Number(milliseconds * 1000n);
  return Number.isSafeInteger(micros) ? (micros as Micros) : null;
}
