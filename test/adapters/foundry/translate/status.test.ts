import { describe, expect, it } from 'vitest';
import { statusesShownAs, statusOf } from '../../../../adapters/foundry/translate/status.js';
import { type Status, statuses } from '../../../../src/core/status.js';
import { aRun } from '../../../support/builders.js';

/** As core-model.md has it: the status, and whether the message is shown. */
const wanted = {
  created: ['RUNNING', false],
  queued: ['RUNNING', false],
  resuming: ['RUNNING', false],
  building: ['RUNNING', true],
  unschedulable: ['RUNNING', true],
  scheduled: ['RUNNING', false],
  starting: ['RUNNING', true],
  running: ['RUNNING', false],
  warning: ['RUNNING', true],
  stopping: ['RUNNING', false],
  unknown: ['RUNNING', true],
  succeeded: ['SUCCEEDED', false],
  failed: ['FAILED', true],
  upstream_failed: ['FAILED', true],
  stopped: ['FAILED', true],
  skipped: ['FAILED', true],
} as const satisfies Record<Status, readonly [string, boolean]>;

describe('statuses', () => {
  it.each(statuses)('%s is shown, and found by what it is shown as', (status) => {
    const [shown, hasMessage] = wanted[status];
    expect(statusOf(aRun({ status, statusMessage: 'it rained' }))).toEqual({
      status: shown,
      ...(hasMessage ? { statusMessage: 'it rained' } : {}),
    });
    expect(statusesShownAs(shown)).toContain(status);
  });

  it('are all found, each by one', () => {
    const all = (['RUNNING', 'SUCCEEDED', 'FAILED'] as const).flatMap(statusesShownAs);
    expect([...all].sort()).toEqual([...statuses].sort());
  });

  it.each([
    ['failed', 'exit_nonzero', 'exit code 1', 'exit_nonzero: exit code 1'],
    ['failed', 'oom_killed', null, 'oom_killed'],
    ['failed', 'oom_killed', 'it was oom_killed', 'it was oom_killed'],
    ['failed', null, null, undefined],
    ['failed', null, '', undefined],
    ['stopped', null, null, 'stopped'],
    ['stopped', 'user_stop', null, 'user_stop'],
    ['skipped', null, null, 'skipped'],
    ['unknown', null, null, 'unknown'],
  ] as const)('%s by %s with the message %j says %j', (status, statusReason, statusMessage, message) => {
    expect(statusOf(aRun({ status, statusReason, statusMessage })).statusMessage).toBe(message);
  });
});
