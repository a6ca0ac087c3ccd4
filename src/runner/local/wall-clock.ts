/** The time in microseconds. Supervisors load this module, so it needs nothing but Node. */

const drift = 2;
let offset = Date.now() - performance.now();

/** Microseconds since 1970. Finer than the system clock's milliseconds that Node tells, and follows its steps. */
export function now(): number {
  const wall = Date.now();
  if (Math.abs(wall - (offset + performance.now())) > drift) offset = wall - performance.now();
  return Math.round((offset + performance.now()) * 1000);
}
