import fc from 'fast-check';
import { expect } from 'vitest';
import * as arbitrary from '../arbitraries.js';
import { millis, noFacts, type Param, type Point, wordOf } from '../facts.js';
import { seed as reader } from '../readers/seed.js';
import { at, type Json, type Platform } from '../support.js';
import { mergedTags, tagsByKey } from './mlflow.js';
import { dashed, namesOf, type Writer } from './writer.js';

const runs = '/api/v1/experiments/runs';

const scalar = fc.oneof(arbitrary.text, arbitrary.finite, fc.boolean(), arbitrary.int64(), fc.constant(-0));

const values = fc.dictionary(arbitrary.trackingKey, arbitrary.metricValue, { maxKeys: 3 });

const place = fc.record({
  step: arbitrary.maybe(arbitrary.int64()),
  timestamp: arbitrary.maybe(arbitrary.int64()),
});

const wishes = fc.record({
  name: fc.oneof(fc.constant(null), fc.constant(''), arbitrary.text),
  description: arbitrary.maybe(arbitrary.anyText({ maxLength: 1000 })),
  tags: arbitrary.maybe(tagsByKey),
  parent: arbitrary.maybe(fc.constantFrom('f'.repeat(32), 'no id')),
  metrics: fc.array(fc.tuple(values, place), { maxLength: 2 }),
  batch: fc.record({
    points: fc.array(fc.tuple(arbitrary.trackingKey, arbitrary.metricValue, place), { maxLength: 3 }),
    tags: tagsByKey,
  }),
  params: fc.dictionary(arbitrary.trackingKey, scalar, { maxKeys: 4 }),
  later: fc.dictionary(arbitrary.trackingKey, scalar, { maxKeys: 2 }),
  end: arbitrary.maybe(fc.constantFrom('finished', 'Failed', 'KILLED', null)),
  files: arbitrary.files,
});

type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

const words: Readonly<Record<string, 'succeeded' | 'failed' | 'stopped'>> = {
  FINISHED: 'succeeded',
  FAILED: 'failed',
  KILLED: 'stopped',
};

const number = (value: number) => (Object.is(value, -0) ? value : wordOf(value));

const entriesOf = <T>(values: Readonly<Record<string, T>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

/** A run of the seed's own API, where metrics and params are objects and params have types. */
export const seedRun: Writer<Wish> = {
  name: 'MLflow’s seed',
  wishes,
  reader,
  async write(platform, wish) {
    const createdAt = platform.tick();
    const parentTag: Record<string, string> =
      wish.parent === null ? {} : { 'mlflow.parentRunId': wish.parent };
    const { http, body } = await platform.mlflow('POST', runs, {
      experiment_id: 0,
      name: wish.name,
      description: wish.description,
      tags: wish.tags === null && wish.parent === null ? null : { ...wish.tags, ...parentTag },
    });
    expect(http).toBe(201);
    const id = String(at(body, 'run_id'));
    const names = await namesOf(platform, dashed(id));
    const post = async (path: string, sent: unknown, counts: Json) => {
      const answer = await platform.mlflow('POST', `${runs}/${id}/${path}`, sent);
      expect([path, answer.http, answer.body]).toEqual([
        path,
        200,
        { metrics: 0, params: 0, tags: 0, ...counts },
      ]);
    };
    const points: Point[] = [];
    const log = (key: string, value: number, { step, timestamp }: Wish['metrics'][0][1], now: number) =>
      points.push({
        key,
        value,
        step: step ?? 0n,
        ms: timestamp ?? BigInt(millis(now)),
        us: 0,
        request: now,
      });
    for (const [metrics, place] of wish.metrics) {
      const now = platform.tick();
      const sent = Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, number(value)]));
      await post('log-metrics', { metrics: sent, ...place }, { metrics: Object.keys(metrics).length });
      for (const [key, value] of Object.entries(metrics)) log(key, value, place, now);
    }
    await post('log-params', { params: wish.params }, { params: Object.keys(wish.params).length });
    // A param is set once: only what is new comes with the batch.
    const later = Object.fromEntries(Object.entries(wish.later).filter(([key]) => !(key in wish.params)));
    const now = platform.tick();
    for (const [key, value, place] of wish.batch.points) log(key, value, place, now);
    await post(
      'log-batch',
      {
        metrics: wish.batch.points.map(([key, value, place]) => ({ key, value: number(value), ...place })),
        params: entriesOf(later),
        tags: entriesOf(wish.batch.tags),
      },
      {
        metrics: wish.batch.points.length,
        params: Object.keys(later).length,
        tags: Object.keys(wish.batch.tags).length,
      },
    );
    await upload(platform, id, wish.files);
    const endedAt = platform.tick();
    if (wish.end !== null) await platform.mlflow('POST', `${runs}/${id}/end`, { status: wish.end });
    const ended = wish.end === null ? undefined : words[wish.end.toUpperCase()];
    const params: Param[] = Object.entries({ ...wish.params, ...later }).map(([key, value]) => ({
      key,
      value,
    }));
    return {
      ...noFacts,
      names,
      name: wish.name || String(at(body, 'name')),
      description: wish.description,
      createdAt,
      startedAt: createdAt,
      finishedAt: ended === undefined ? null : endedAt,
      history: [
        { status: 'created', at: createdAt, message: null },
        { status: 'running', at: createdAt, message: null },
        ...(ended === undefined ? [] : [{ status: ended, at: endedAt, message: null }]),
      ],
      params,
      tags: mergedTags(wish.tags ?? {}, wish.batch.tags),
      points,
      parent: wish.parent,
      files: wish.files,
      mlflow: { user: '' },
    };
  },
};

async function upload(
  platform: Platform,
  id: string,
  files: Readonly<Record<string, Buffer>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(content)]), name);
    const query = parts.length === 0 ? '' : `?artifact_path=${encodeURIComponent(parts.join('/'))}`;
    const answer = await platform.mlflow('POST', `${runs}/${id}/log-artifact${query}`, form);
    expect(answer.body).toMatchObject({ path, size: content.length });
  }
}
