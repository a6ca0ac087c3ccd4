import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import fc from 'fast-check';
import type { RunId } from '../../../src/core/ids.js';
import * as arbitrary from '../arbitraries.js';
import { type Names, noFacts, type Param, type Point } from '../facts.js';
import { submarine as reader } from '../readers/submarine.js';
import { at, experiments, type Platform } from '../support.js';
import { leaveFiles, namesOf, type Writer } from './writer.js';

/** As SQLAlchemy writes a time, which knows no zone: that of the machine. */
function localTime(ms: bigint, us: number): string {
  const date = new Date(Number(ms));
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const fraction = String(date.getMilliseconds() * 1000 + us).padStart(6, '0');
  return `${day} ${clock}.${fraction}`;
}

/** What the SDK writes for what SQLite has no number for. */
function stored(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** Logs as SDK 0.8.0 does inside of a job: into the tables of a database that the run takes in. */
export async function logByDatabase(
  platform: Platform,
  { uuid, experimentId }: Names,
  { points, params }: { readonly points: Iterable<Point>; readonly params: readonly Param[] },
): Promise<void> {
  const { read } = platform.deps.ports.store;
  const run = await read.runs.find(uuid as RunId);
  const [job] = run === null ? [] : await read.jobs.list([run.key]);
  const spec = run === null ? null : await read.specs.find(run.key, run.specRevision ?? 0);
  if (run === null || job === undefined || spec === null) throw new Error('the run has a job');
  const folder = platform.inboxOf(uuid);
  const database = new BetterSqlite(join(folder, 'submarine.db'));
  database.exec(`
    create table if not exists metric
      (id text, key text, value real, worker_index text, timestamp text, step integer, is_nan integer);
    create table if not exists param (id text, key text, value text, worker_index text);`);
  const metric = database.prepare('insert into metric values (?, ?, ?, ?, ?, ?, ?)');
  const param = database.prepare('insert into param values (?, ?, ?, ?)');
  database.transaction(() => {
    for (const { key, value, worker = 'worker-0', ms, us, step } of points) {
      const number = value ?? Number.NaN;
      const isNan = Number.isNaN(number) ? 1 : 0;
      metric.run(experimentId, key, stored(number), worker, localTime(ms, us), step, isNan);
    }
    for (const { key, value } of params) param.run(experimentId, key, value, 'worker-0');
  })();
  database.close();
  await platform.takeIn({ run, job, spec, folder, ended: true, signal: new AbortController().signal });
}

/** Times that every clock and calendar on the way has, away from the hours that a zone may have twice. */
const localMillis = fc.integer({ min: Date.UTC(1971, 6), max: Date.UTC(1971, 7) }).map(BigInt);

const point = fc.record({
  key: arbitrary.key,
  value: arbitrary.metricValue.filter((value) => Math.abs(value) !== Number.MAX_VALUE),
  step: arbitrary.int64(),
  ms: fc.oneof(localMillis, fc.constant(BigInt(Date.UTC(1971, 6)))),
  us: fc.integer({ min: 0, max: 999 }),
  worker: fc.constantFrom(undefined, 'worker-1', 'ps-0'),
});

const wishes = fc.record({
  sent: arbitrary.submarineSpec,
  points: fc.array(point, { maxLength: 5 }),
  params: fc.dictionary(arbitrary.key, arbitrary.text, { maxKeys: 3 }),
  files: arbitrary.files,
});

type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

/** A spec that Franca shall run, whose job logs by the SDK. */
export const submarineSpec: Writer<Wish> = {
  name: 'Submarine',
  wishes,
  reader,
  async write(platform, wish) {
    const { sent, files } = wish;
    const createdAt = platform.tick();
    const { result } = await platform.submarine('POST', experiments, sent);
    const names = await namesOf(platform, String(at(result, 'uid')));
    const params = Object.entries(wish.params).map(([key, value]) => ({ key, value }));
    const points = wish.points.map(({ worker, ...rest }) => ({
      ...rest,
      request: 0,
      ...(worker === undefined ? {} : { worker }),
    }));
    if (points.length + params.length > 0) await logByDatabase(platform, names, { points, params });
    await leaveFiles(platform, names, files);
    return {
      ...noFacts,
      names,
      name: sent.meta.name.toLowerCase(),
      createdAt,
      managed: true,
      history: [{ status: 'created', at: createdAt, message: null }],
      framework: sent.meta.framework.toLowerCase(),
      tags: (sent.meta.tags ?? []).map((key) => ({ key, value: null })),
      params,
      points,
      files,
      spec: { kind: 'submarine', sent },
    };
  },
};
