import { type RawBuilder, sql } from 'kysely';
import type { RunKey } from '../core/ids.js';
import { compareInTime, orderedValue, type StoredPoint } from '../core/metrics.js';
import type { SortedPointCursor } from '../core/ports/index.js';
import { pointColumns, pointKinds, toPoint } from './metric-rows.js';
import { prepare, type Session } from './statement.js';

const kindOf = (name: (typeof pointKinds)[number]) => sql.lit(pointKinds.indexOf(name));

/** The value as `compareInTime` orders it. */
const valueOrder = sql<number>`case kind
  when ${kindOf('nan')} then 0.0
  when ${kindOf('pinf')} then cast(${Number.POSITIVE_INFINITY} as double precision)
  when ${kindOf('ninf')} then cast(${Number.NEGATIVE_INFINITY} as double precision)
  else value end`;

/** 1 for NaN, which follows the number 0. */
const nanOrder = sql<number>`case kind when ${kindOf('nan')} then 1 else 0 end`;

const isSeen = sql<boolean>`kind <> ${kindOf('null')}`;

interface Place {
  readonly runKey: RunKey;
  readonly name: string;
  readonly timestampMs: bigint;
  readonly timestampUs: number;
}

const exact = { exactIntegers: true };

/** The points behind those of a time: their index has them by time, and only those of one time are sorted. */
const selectLater = prepare<Place & { limit: number }>()(
  ({ db }, given) =>
    db
      .selectFrom('metric_point')
      .select(pointColumns)
      .where('run_key', '=', given.runKey)
      .where('key_id', '=', db.selectFrom('metric_key').select('id').where('name', '=', given.name))
      .where(sql<boolean>`(timestamp_ms, timestamp_us) > (${given.timestampMs}, ${given.timestampUs})`)
      .where(isSeen)
      .orderBy('timestamp_ms')
      .orderBy('timestamp_us')
      .orderBy('step')
      .orderBy(valueOrder)
      .orderBy(nanOrder)
      .orderBy('seq')
      .limit(given.limit),
  exact,
);

type Rest = Place & { step: bigint; value: number; isNan: -1 | 0 | 1; seq: number; limit: number };

/**
 * The points of one time behind one of them. Those without a step lie apart in the index, and count as step 0:
 * so either kind is read by its own range, and only those of one step are sorted.
 */
const selectRest = prepare<Rest>()(({ db }, given) => {
  const part = (hasStep: 0 | 1) =>
    db
      .selectFrom('metric_point')
      .select(pointColumns)
      .where('run_key', '=', given.runKey)
      .where('key_id', '=', db.selectFrom('metric_key').select('id').where('name', '=', given.name))
      .where('timestamp_ms', '=', given.timestampMs)
      .where('timestamp_us', '=', given.timestampUs)
      .where('has_step', '=', sql.lit(hasStep))
      .where('step', '>=', given.step)
      .where(behind(given))
      .where(isSeen)
      .orderBy('step')
      .orderBy(valueOrder)
      .orderBy(nanOrder)
      .orderBy('seq')
      .limit(given.limit);
  return db
    .selectFrom(part(1).as('part'))
    .selectAll()
    .unionAll(db.selectFrom(part(0).as('part')).selectAll());
}, exact);

function behind(given: { [Name in 'step' | 'value' | 'isNan' | 'seq']: RawBuilder<unknown> }) {
  const value = sql`cast(${given.value} as double precision)`;
  return sql<boolean>`(step, ${valueOrder}, ${nanOrder}, seq) > (${given.step}, ${value}, ${given.isNan}, ${given.seq})`;
}

/** Before every point of a history. */
const start = { timestampMs: -(2n ** 63n), timestampUs: -1 };

/**
 * A page of the history of one metric in the order of `compareInTime`, without its points of kind `null`: first
 * what is left of the time that the last page ended in. A page costs what it holds, the times that begin in it,
 * and all points of one time and step that it begins or ends within.
 */
export async function readSortedHistory(
  session: Session,
  runKey: RunKey,
  key: string,
  { after, limit }: { after?: SortedPointCursor; limit: number },
): Promise<readonly StoredPoint[]> {
  const rest = after === undefined ? [] : await readRest(session, { runKey, name: key, limit }, after);
  if (rest.length === limit) return rest;
  const { timestampMs, timestampUs } = after ?? start;
  const place = { runKey, name: key, timestampMs, timestampUs };
  const later = await selectLater.all(session, { ...place, limit: limit - rest.length });
  return [...rest, ...later.map((row) => toPoint(row, key))];
}

async function readRest(
  session: Session,
  page: Pick<Rest, 'runKey' | 'name' | 'limit'>,
  after: SortedPointCursor,
): Promise<readonly StoredPoint[]> {
  const { timestampMs, timestampUs, seq } = after;
  const [value, isNan] = orderedValue(after);
  const place = { timestampMs, timestampUs, step: after.step ?? 0n, value, isNan, seq };
  const rows = await selectRest.all(session, { ...page, ...place });
  return rows
    .map((row) => toPoint(row, page.name))
    .sort(compareInTime)
    .slice(0, page.limit);
}
