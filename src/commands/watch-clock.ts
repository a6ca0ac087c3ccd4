import type { Logger } from 'pino';
import type { Clock } from '../core/ports/index.js';

/** What a step must exceed to be told: smaller ones are corrections. In microseconds. */
const toleratedMicros = 1_000_000;
const intervalMillis = 1000;

/**
 * Warns when the clock was set back, as seen beside the monotonic one: from then on times are no measure of order.
 * Gives the way to end that.
 */
export function watchClock(clock: Clock, logger: Pick<Logger, 'warn'>): () => void {
  const offset = () => clock.now() - performance.now() * 1000;
  let known = offset();
  const timer = setInterval(() => {
    const seen = offset();
    if (known - seen > toleratedMicros) {
      logger.warn({ seconds: Math.round((known - seen) / 1_000_000) }, 'the system clock was set back');
    }
    known = seen;
  }, intervalMillis).unref();
  return () => clearInterval(timer);
}
