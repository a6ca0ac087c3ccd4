import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classify, type MetricPoint } from '../../src/core/metrics.js';
import type { Run } from '../../src/core/model.js';
import type { Param, Tag } from '../../src/core/params.js';
import { readHistory } from '../../src/services/metrics/history.js';
import { readParams } from '../../src/services/params/read.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { getRun } from '../../src/services/runs/get.js';
import { logBatch, type RunBatch } from '../../src/services/runs/log-batch.js';
import { codeOf } from '../support/code-of.js';
import { aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let run: Run;

beforeEach(async () => {
  bench = await createBench();
  const tags = [
    { key: 'a', value: '1' },
    { key: 'b', value: null },
  ];
  ({ run } = await createTrackedRun(bench.ctx, aTrackedRequest({ tags, params: [aParam('lr', '0.1')] })));
});

afterEach(() => bench.close());

const aParam = (key: string, text: string): Param => ({ key, type: 'string', text, number: null });

const aPoint = (key: string, value: number): MetricPoint => ({
  key,
  ...classify(value),
  step: 1n,
  timestampMs: 5n,
  timestampUs: 0,
});

const log = (batch: RunBatch) => logBatch(bench.ctx, { id: run.id }, batch);

/** All that a batch may change. */
const stored = async () => {
  const { run: row, tags } = await getRun(bench.ctx, { id: run.id });
  const { points } = await readHistory(bench.ctx, { id: run.id }, 'loss', { limit: 100 });
  return { row, tags, points, params: await readParams(bench.ctx, { id: run.id }) };
};

describe('a batch', () => {
  it('adds all that it has at once, and keeps the rest', async () => {
    const params = [aParam('lr', '0.1'), aParam('depth', '3'), aParam('depth', '3')];
    const tags: Tag[] = [
      { key: 'c', value: 'new' },
      { key: 'a', value: '2' },
    ];
    const batches = [[aPoint('loss', 1), aPoint('acc', 2)], [], [aPoint('loss', 3)]];
    bench.setClock(7_000_000);
    const logged = await log({
      batches,
      params: { mode: 'once', params },
      tags,
      removeTags: ['b', 'c', 'none'],
      patch: { name: 'renamed', extend: (present) => ({ ...present, polyaxon: { ttl: 5 } }) },
    });
    const after = await stored();
    expect(after.row).toEqual(logged);
    expect(logged).toMatchObject({
      name: 'renamed',
      description: null,
      extensions: { polyaxon: { ttl: 5 } },
    });
    expect(logged.heartbeatAt).toBeGreaterThanOrEqual(7_000_000);
    expect(after.tags).toEqual([
      { key: 'a', value: '2' },
      { key: 'c', value: 'new' },
    ]);
    expect(after.params).toEqual([aParam('lr', '0.1'), aParam('depth', '3')]);
    expect(after.points.map(({ row, value }) => [row, value])).toEqual([
      [1, 1],
      [2, 3],
    ]);
  });

  it('is refused whole for a param that is set to another value, there or in itself', async () => {
    const before = await stored();
    for (const params of [
      [aParam('new', 'x'), aParam('lr', '0.2')],
      [aParam('new', 'x'), aParam('new', 'y')],
    ]) {
      const batch: RunBatch = {
        batches: [[aPoint('loss', 1)]],
        params: { mode: 'once', params },
        tags: [{ key: 'a', value: 'changed' }],
        removeTags: ['b'],
        patch: { name: 'renamed' },
      };
      expect(await codeOf(log(batch))).toBe('conflict');
      expect(await stored()).toEqual(before);
    }
    expect(await codeOf(log({ batches: [[aPoint('loss', 1), aPoint('\0', 1)]], tags: before.tags }))).toBe(
      'invalid',
    );
    expect(await stored()).toEqual(before);
  });

  it('of nothing, or of metrics alone, is a heartbeat, kept to the second', async () => {
    const second = 1_000_000;
    bench.setClock(100 * second);
    const first = await log({});
    expect(first.heartbeatAt).toBe(first.updatedAt);
    expect(Math.floor((first.heartbeatAt ?? 0) / second)).toBe(100);
    bench.setClock(100.9 * second);
    expect(await log({ batches: [[aPoint('loss', 1)]] })).toEqual(first);
    bench.setClock(101.5 * second);
    const third = await log({ batches: [[aPoint('loss', 2)]] });
    expect(third.heartbeatAt).toBeGreaterThanOrEqual(101.5 * second);
    // A clock that was set back.
    bench.setClock(50 * second);
    expect((await log({})).heartbeatAt).toBeLessThan(51 * second);
    bench.setClock(50.1 * second);
    expect((await log({ tags: [{ key: 'a', value: '3' }] })).heartbeatAt).toBeGreaterThanOrEqual(
      50.1 * second,
    );
    expect((await stored()).points).toHaveLength(2);
  });

  it('is for those who may write the run', async () => {
    const reader = await bench.as('reader', 'reader');
    expect(await codeOf(logBatch(reader, { id: run.id }, { batches: [[aPoint('loss', 1)]] }))).toBe(
      'forbidden',
    );
    const gone = { projectKey: run.projectKey, number: 99 };
    expect(await codeOf(logBatch(bench.ctx, gone, {}))).toBe('not_found');
  });
});
