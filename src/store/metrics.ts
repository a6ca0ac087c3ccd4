import { sql } from 'kysely';
import type { RunKey } from '../core/ids.js';
import type { MetricPoint, MetricSummary, StoredPoint } from '../core/metrics.js';
import type { MetricRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { among } from './engine.js';
import { groupByRun } from './grouping.js';
import { idOf, internKeys } from './metric-keys.js';
import { addToSummary, fromPoint, fromSummary, pointColumns, toPoint, toSummary } from './metric-rows.js';
import { holdRun } from './runs.js';
import { createSeries } from './series.js';
import { readSortedHistory } from './sorted-history.js';
import { readSpread } from './spread.js';
import { prepare, prepareRows, type Session } from './statement.js';

const exact = { exactIntegers: true };

const takeNumbers = prepare<{ runKey: RunKey; rows: number; points: number }>()(({ db }, given) =>
  db
    .insertInto('metric_counter')
    .values({
      run_key: given.runKey,
      next_row: sql<number>`1 + ${given.rows}`,
      next_seq: sql<number>`1 + ${given.points}`,
    })
    .onConflict((conflict) =>
      conflict.column('run_key').doUpdateSet((row) => ({
        next_row: row('metric_counter.next_row', '+', given.rows),
        next_seq: row('metric_counter.next_seq', '+', given.points),
      })),
    )
    .returning(['next_row', 'next_seq']),
);

const insertPoints = prepareRows('metric_point', [
  'run_key',
  'key_id',
  'timestamp_ms',
  'timestamp_us',
  'has_step',
  'step',
  'seq',
  'row',
  'kind',
  'value',
]);

const insertRows = prepareRows('metric_row', ['run_key', 'row', 'worker']);

const summaryColumns = [
  'count',
  'finite',
  'min',
  'max',
  'last_kind',
  'last_value',
  'last_has_step',
  'last_step',
  'last_timestamp_ms',
  'last_timestamp_us',
  'last_seq',
  'updated_at',
] as const;

const upsertSummaries = prepareRows('metric_summary', ['run_key', 'key_id', ...summaryColumns], (insert) =>
  insert.onConflict((conflict) =>
    conflict
      .columns(['run_key', 'key_id'])
      .doUpdateSet((row) =>
        Object.fromEntries(summaryColumns.map((column) => [column, row.ref(`excluded.${column}`)])),
      ),
  ),
);

const selectSummariesOfKeys = prepare<{ runKey: RunKey; keyIds: readonly number[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('metric_summary')
      .innerJoin('metric_key', 'metric_key.id', 'metric_summary.key_id')
      .selectAll('metric_summary')
      .select('name')
      .where('run_key', '=', given.runKey)
      .where(among(engine, 'key_id', given.keyIds)),
  exact,
);

const selectSummaries = prepare<{ runKeys: readonly RunKey[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('metric_summary')
      .innerJoin('metric_key', 'metric_key.id', 'metric_summary.key_id')
      .selectAll('metric_summary')
      .select('name')
      .where(among(engine, 'run_key', given.runKeys))
      .orderBy('run_key')
      .orderBy('name'),
  exact,
);

const selectSummary = prepare<{ runKey: RunKey; key: string }>()(
  ({ db }, given) =>
    db
      .selectFrom('metric_summary')
      .innerJoin('metric_key', 'metric_key.id', 'metric_summary.key_id')
      .selectAll('metric_summary')
      .select('name')
      .where('run_key', '=', given.runKey)
      .where('name', '=', given.key),
  exact,
);

const selectHistory = prepare<{
  runKey: RunKey;
  name: string;
  timestampMs: bigint;
  timestampUs: number;
  hasStep: 0 | 1;
  step: bigint;
  seq: number;
  limit: number;
}>()(
  ({ db }, given) =>
    db
      .selectFrom('metric_point')
      .select(pointColumns)
      .where('run_key', '=', given.runKey)
      .where('key_id', '=', db.selectFrom('metric_key').select('id').where('name', '=', given.name))
      .where(
        sql<boolean>`(timestamp_ms, timestamp_us, has_step, step, seq) > (${given.timestampMs}, ${given.timestampUs}, ${given.hasStep}, ${given.step}, ${given.seq})`,
      )
      .orderBy('timestamp_ms')
      .orderBy('timestamp_us')
      .orderBy('has_step')
      .orderBy('step')
      .orderBy('seq')
      .limit(given.limit),
  exact,
);

const selectRows = prepare<{ runKey: RunKey; row: number; seq: number; limit: number }>()(
  ({ db }, given) =>
    db
      .selectFrom('metric_point')
      .innerJoin('metric_key', 'metric_key.id', 'metric_point.key_id')
      .leftJoin('metric_row', (join) =>
        join
          .onRef('metric_row.run_key', '=', 'metric_point.run_key')
          .onRef('metric_row.row', '=', 'metric_point.row'),
      )
      .select(pointColumns.map((column) => `metric_point.${column}` as const))
      .select(['name', 'worker'])
      .where('metric_point.run_key', '=', given.runKey)
      .where(sql<boolean>`(metric_point."row", seq) > (${given.row}, ${given.seq})`)
      .orderBy('metric_point.row')
      .orderBy('seq')
      .limit(given.limit),
  exact,
);

const selectCounter = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db.selectFrom('metric_counter').select('next_row').where('run_key', '=', given.runKey),
);

/** Before every point of a history. */
const start = { timestampMs: -(2n ** 63n), timestampUs: 0, step: null, seq: 0 };

/** The metrics of this session. */
export function createMetrics(session: Session): MetricRepository {
  const { history, summary } = createReads(session);
  return {
    history,
    summary,
    series: createSeries(session, { history, summary }),
    sortedHistory: (runKey, key, page) => readSortedHistory(session, runKey, key, page),
    spread: (runKey, key, rows) => readSpread(session, runKey, key, rows),
    append: (runKey, points, at) => append(session, runKey, [points], at),
    appendBatches: (runKey, batches, at) => append(session, runKey, batches, at),
    async lastRow(runKey) {
      return Number((await selectCounter.first(session, { runKey }))?.next_row ?? 1) - 1;
    },
    async rows(runKey, { after = { row: 0, seq: 0 }, limit }) {
      const found = await selectRows.all(session, { runKey, limit, ...after });
      return found.map((row) => toPoint(row, row.name));
    },
    async summaries(runKeys) {
      const rows = await selectSummaries.all(session, { runKeys });
      return groupByRun(
        rows.map((row) => ({ ...row, run_key: Number(row.run_key) as RunKey })),
        toSummary,
      );
    },
  };
}

function createReads(session: Session): Pick<MetricRepository, 'history' | 'summary'> {
  return {
    async history(runKey, key, { after = start, limit }) {
      const rows = await selectHistory.all(session, {
        runKey,
        name: key,
        limit,
        ...after,
        hasStep: after.step === null ? 0 : 1,
        step: after.step ?? 0n,
      });
      return rows.map((row) => toPoint(row, key));
    },
    async summary(runKey, key) {
      const row = await selectSummary.first(session, { runKey, key });
      return row === undefined ? null : toSummary(row);
    },
  };
}

async function append(
  session: Session,
  runKey: RunKey,
  batches: readonly (readonly MetricPoint[])[],
  at: Micros,
): Promise<readonly StoredPoint[]> {
  const points = batches.flat();
  if (points.length === 0) return [];
  await holdRun(session, runKey);
  const { places, count } = rowPlaces(batches);
  const counter = await takeNumbers.first(session, { runKey, rows: count, points: points.length });
  if (counter === undefined) throw new Error('the counter of a run gave no numbers');
  const firstRow = counter.next_row - count;
  const firstSeq = counter.next_seq - points.length;
  const keyIds = await internKeys(session, [...new Set(points.map((point) => point.key))]);
  const stored = points.map(
    (point, place): StoredPoint => ({
      ...point,
      row: firstRow + (places[place] ?? 0),
      seq: firstSeq + place,
    }),
  );
  await insertPoints.run(
    session,
    stored.map((point) => fromPoint(runKey, idOf(keyIds, point.key), point)),
  );
  await insertRows.run(session, workersOf(runKey, stored));
  await updateSummaries(session, { runKey, keyIds, points: stored, at });
  return stored;
}

/**
 * Which of the new rows each point belongs to, from 0: one for each (batch, worker, step, timestamp), and a further
 * one for each time that a metric comes there again, since a row has one value of each.
 */
function rowPlaces(batches: readonly (readonly MetricPoint[])[]): { places: number[]; count: number } {
  const places: number[] = [];
  let count = 0;
  for (const batch of batches) {
    const known = new Map<string, Place>();
    let previous: MetricPoint | undefined;
    let place: Place = { rows: [], counts: new Map() };
    for (const point of batch) {
      if (previous === undefined || !isSamePlace(previous, point)) {
        const { worker = null, step, timestampMs, timestampUs } = point;
        const name = JSON.stringify([worker, `${step} ${timestampMs} ${timestampUs}`]);
        place = known.get(name) ?? { rows: [], counts: new Map() };
        known.set(name, place);
        previous = point;
      }
      const times = place.counts.get(point.key) ?? 0;
      place.counts.set(point.key, times + 1);
      const row = place.rows[times] ?? count;
      if (times === place.rows.length) {
        place.rows.push(row);
        count += 1;
      }
      places.push(row);
    }
  }
  return { places, count };
}

/** Where points of a batch stand: their rows, and how many of these have each metric. */
interface Place {
  readonly rows: number[];
  readonly counts: Map<string, number>;
}

function isSamePlace(a: MetricPoint, b: MetricPoint): boolean {
  return (
    a.step === b.step &&
    a.timestampMs === b.timestampMs &&
    a.timestampUs === b.timestampUs &&
    a.worker === b.worker
  );
}

/** What is kept beside the points: the rows of which it is said who logged them, each once. */
function workersOf(runKey: RunKey, points: readonly StoredPoint[]) {
  const workers = new Map<number, string>();
  for (const { row, worker } of points) if (worker !== undefined) workers.set(row, worker);
  return [...workers].map(([row, worker]) => ({ run_key: runKey, row, worker }));
}

async function updateSummaries(
  session: Session,
  added: { runKey: RunKey; keyIds: ReadonlyMap<string, number>; points: readonly StoredPoint[]; at: Micros },
): Promise<void> {
  const { runKey, keyIds, points, at } = added;
  const known = await selectSummariesOfKeys.all(session, { runKey, keyIds: [...keyIds.values()] });
  const summaries = new Map<string, MetricSummary | null>(known.map((row) => [row.name, toSummary(row)]));
  for (const point of points) {
    summaries.set(point.key, addToSummary(summaries.get(point.key) ?? null, point, at));
  }
  const rows = [...summaries].flatMap(([key, summary]) =>
    summary === null ? [] : [fromSummary(runKey, idOf(keyIds, key), summary)],
  );
  await upsertSummaries.run(session, rows);
}
