import { describe, expect, it } from 'vitest';
import { experimentStatusOf, statusesOf } from '../../../adapters/submarine/translate/status.js';
import type { ExperimentStatus } from '../../../adapters/submarine/wire/experiment.js';
import type { Status } from '../../../src/core/status.js';

const expected = {
  created: 'Accepted',
  queued: 'Accepted',
  resuming: 'Accepted',
  building: 'Created',
  unschedulable: 'Created',
  scheduled: 'Created',
  starting: 'Created',
  running: 'Running',
  warning: 'Running',
  stopping: 'Running',
  unknown: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  upstream_failed: 'Failed',
  stopped: 'Failed',
  skipped: 'Failed',
} satisfies Record<Status, ExperimentStatus>;

const filters = {
  Accepted: ['created', 'queued', 'resuming'],
  Created: ['building', 'unschedulable', 'scheduled', 'starting'],
  Running: ['running', 'warning', 'stopping', 'unknown'],
  Succeeded: ['succeeded'],
  Failed: ['failed', 'upstream_failed', 'stopped', 'skipped'],
  Deleted: [],
} satisfies Record<ExperimentStatus, readonly Status[]>;

describe('statuses', () => {
  it.each(Object.entries(expected))('%s is shown as %s', (status, shown) => {
    expect(experimentStatusOf[status as Status]).toBe(shown);
  });

  it.each(Object.entries(filters))('a filter by %s asks for %j, in any case', (shown, statuses) => {
    for (const filter of [shown, shown.toLowerCase(), shown.toUpperCase()]) {
      expect(statusesOf(filter)).toEqual(statuses);
    }
  });

  it('a filter by anything else asks for nothing', () => {
    for (const filter of ['', 'Finished', 'succeeded ', 'created\n', 'upstream_failed', '%']) {
      expect(statusesOf(filter)).toEqual([]);
    }
  });
});
