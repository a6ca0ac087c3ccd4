import { describe, expect, it } from 'vitest';
import { attemptOfReport, isTerminal, mayMove, type Status, statuses } from '../../src/core/status.js';

/** One row a current status, one column a next one, both in the order of `statuses`; x: it may move. */
const withinOneAttempt = {
  created: '          xxxxxx xxxxx xxxxx',
  queued: '           xxxxxx xxxxx xxxxx',
  resuming: '         xxxxxx xxxxx xxxxx',
  building: '         ...xxx xxxxx xxxxx',
  unschedulable: '    ....xx xxxxx xxxxx',
  scheduled: '        ....xx xxxxx xxxxx',
  starting: '         ...... xxxxx xxxxx',
  running: '          ...... .xxxx xxxxx',
  warning: '          ...... .xxxx xxxxx',
  stopping: '         ...... ...xx xxxxx',
  unknown: '          xxxxxx xxxxx xxxxx',
  succeeded: '        ...... ..... .....',
  failed: '           ...... ..... .....',
  upstream_failed: '  ...... ..... .....',
  stopped: '          ...... ..... .....',
  skipped: '          ...... ..... .....',
} as const satisfies Record<Status, string>;

const pairs = statuses.flatMap((current) =>
  statuses.map((next, column) => ({
    current,
    next,
    allowed: withinOneAttempt[current].replaceAll(' ', '')[column] === 'x',
  })),
);

function ask(
  managed: boolean,
  current: Status,
  next: Status,
  origin: 'runner' | 'client' | 'system',
  attempts = [1, 1],
) {
  const [from = 1, to = 1] = attempts;
  return mayMove({
    managed,
    current: { status: current, attempt: from },
    next: { status: next, attempt: to, origin },
  });
}

describe('status transitions', () => {
  it('has a full table', () => {
    expect(pairs).toHaveLength(16 * 16);
    for (const row of Object.values(withinOneAttempt)) expect(row.replaceAll(' ', '')).toHaveLength(16);
  });

  it.each(pairs)('managed, by the runner: $current -> $next is $allowed', ({ current, next, allowed }) => {
    expect(ask(true, current, next, 'runner')).toBe(allowed);
    expect(ask(true, current, next, 'system')).toBe(allowed);
  });

  it.each(pairs)(
    'managed, by a client: $current -> $next never ends the run',
    ({ current, next, allowed }) => {
      expect(ask(true, current, next, 'client')).toBe(allowed && !isTerminal(next));
    },
  );

  it.each(pairs)(
    'unmanaged: $current -> $next lets a later end replace an earlier one',
    ({ current, next, allowed }) => {
      expect(ask(false, current, next, 'client')).toBe(allowed || (isTerminal(current) && isTerminal(next)));
    },
  );

  it.each(pairs)(
    'a later attempt always moves, an earlier one never: $current -> $next',
    ({ current, next }) => {
      expect(ask(true, current, next, 'system', [1, 2])).toBe(true);
      expect(ask(true, current, next, 'runner', [2, 1])).toBe(false);
      expect(ask(false, current, next, 'client', [1, 2])).toBe(true);
      expect(ask(false, current, next, 'client', [2, 1])).toBe(false);
      expect(ask(true, current, next, 'client', [1, 2])).toBe(false);
    },
  );

  it.each(pairs)(
    'a report below the end, after the end, opens a new attempt: $current -> $next',
    ({ current, next }) => {
      const reopens = isTerminal(current) && !isTerminal(next);
      expect(attemptOfReport({ status: current, attempt: 3 }, next)).toBe(reopens ? 4 : 3);
    },
  );
});
