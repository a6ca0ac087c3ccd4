import { describe, expect, it } from 'vitest';
import { fromCodeRef, toCodeRef } from '../../../../adapters/polyaxon/translate/code-ref.js';
import { durationOf } from '../../../../adapters/polyaxon/translate/experiment.js';
import { projectShownName, readableName } from '../../../../adapters/polyaxon/translate/names.js';
import {
  isLegalReport,
  lastStatusOf,
  shownStatuses,
  wordOf,
} from '../../../../adapters/polyaxon/translate/status.js';
import type { CodeRef } from '../../../../src/core/model.js';
import { statuses } from '../../../../src/core/status.js';
import { aRun } from '../../../support/builders.js';

describe('durations', () => {
  it.each([
    [null, 1, null],
    [1, null, null],
    [0, 0, '0s'],
    [0, 78_000_000, '1m 18s'],
    [0, 3_600_000_000, '1h'],
    [0, 90_061_000_000, '1d 1h 1m 1s'],
    [0, 999_999, '0s'],
    [5_000_000, 0, '0s'],
  ])('from %s to %s: %s', (from, to, shown) => {
    expect(durationOf(from, to)).toBe(shown);
  });
});

describe('names', () => {
  it.each([
    ['plain-name_1', 'plain-name_1'],
    ['Two words', 'two-words'],
    ['jane@example.org', 'jane-example-org'],
    ['///', 'unnamed'],
  ])('%s is shown as %s', (name, shown) => {
    expect(readableName(name)).toBe(shown);
  });

  it('of projects that a path cannot hold are their slugs', () => {
    expect(projectShownName({ name: 'Two words', slug: 'two-words-2' })).toBe('two-words-2');
    expect(projectShownName({ name: 'One', slug: 'one' })).toBe('One');
  });
});

describe('statuses', () => {
  it('are shown by words of their own but for two', () => {
    expect(statuses.filter((status) => !shownStatuses.includes(status)).sort()).toEqual([
      'queued',
      'stopping',
    ]);
    expect([wordOf.queued, wordOf.stopping]).toEqual(['created', null]);
    expect(lastStatusOf('stopping', [])).toBe('created');
  });

  it('nothing follows an end but what opens it again, or a stop', () => {
    for (const end of ['succeeded', 'failed', 'upstream_failed', 'stopped', 'skipped'] as const) {
      const next = statuses.filter((status) => isLegalReport(end, status)).sort();
      const resumes = ['succeeded', 'stopped', 'skipped'].includes(end) ? ['resuming'] : [];
      const stops = ['stopped', 'skipped'].includes(end) ? [] : ['stopped'];
      expect([end, next]).toEqual([end, [...resumes, ...stops]]);
    }
  });

  it('a running one only ends, warns or is not known', () => {
    expect(statuses.filter((status) => isLegalReport('running', status)).sort()).toEqual([
      'failed',
      'skipped',
      'stopped',
      'succeeded',
      'unknown',
      'upstream_failed',
      'warning',
    ]);
  });
});

describe('code references', () => {
  it('of nothing but nulls are none, and others come back', () => {
    expect(toCodeRef({ commit: null, is_dirty: undefined })).toBeNull();
    const known = { commit: 'a', head: null, branch: 'b', git_url: 'u', is_dirty: false, git_diff: '' };
    const shown = (codeRef: CodeRef | null) => fromCodeRef({ run: aRun({ codeRef }), spec: null });
    expect(shown(toCodeRef(known))).toEqual(known);
    expect(Object.values(shown(null))).toEqual([null, null, null, null, null, null]);
  });
});
