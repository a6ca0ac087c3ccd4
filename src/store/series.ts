import { setImmediate as turn } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { RunKey } from '../core/ids.js';
import type { StoredPoint } from '../core/metrics.js';
import type { MetricRepository, PointCursor, SeriesPoint } from '../core/ports/index.js';
import { pointKinds } from './metric-rows.js';
import { prepare, type Session } from './statement.js';

/** So many points are passed over by one statement: for some 10 ms SQLite does nothing else meanwhile. */
const sliceSize = 50_000;

/** Points of one read of a page. */
const pageSize = 1_000;

/** Marks that are kept at once, of some 250 bytes each. */
const markLimit = 10_000;

/** A place among the finite points of a metric. */
interface Mark {
  /** How many finite points come before it, and how many points in all but those of kind `null`. */
  readonly offset: number;
  readonly ordinal: number;
  /** The point before it. */
  readonly place: PointCursor;
}

const start: Mark = {
  offset: 0,
  ordinal: 0,
  place: { timestampMs: -(2n ** 63n), timestampUs: -1, step: null, seq: 0 },
};

/** One metric of one run, and what the names of its marks begin with. */
interface History {
  readonly runKey: RunKey;
  readonly key: string;
  readonly name: string;
  /** True if it has neither NaN nor infinities: then the two counts of a mark are one. */
  readonly allFinite: boolean;
}

interface Columns {
  readonly timestampMs: bigint;
  readonly timestampUs: number;
  readonly hasStep: 0 | 1;
  readonly step: bigint;
  readonly seq: number;
}

const place = sql`(timestamp_ms, timestamp_us, has_step, step, seq)`;

function tuple(given: { readonly [Name in keyof Columns]: RawBuilder<unknown> }): RawBuilder<unknown> {
  return sql`(${given.timestampMs}, ${given.timestampUs}, ${given.hasStep}, ${given.step}, ${given.seq})`;
}

/** The finite point that has so many others between it and a place. */
const selectNth = prepare<Columns & { runKey: RunKey; key: string; between: number }>()(
  ({ db }, given) =>
    db
      .selectFrom('metric_point')
      .select(['timestamp_ms', 'timestamp_us', 'has_step', 'step', 'seq'])
      .where('run_key', '=', given.runKey)
      .where('key_id', '=', db.selectFrom('metric_key').select('id').where('name', '=', given.key))
      .where(sql<boolean>`${place} > ${tuple(given)}`)
      .where('kind', '=', sql.lit(pointKinds.indexOf('finite')))
      .orderBy('timestamp_ms')
      .orderBy('timestamp_us')
      .orderBy('has_step')
      .orderBy('step')
      .orderBy('seq')
      .limit(1)
      .offset(given.between),
  { exactIntegers: true },
);

type Ends = { [Name in keyof Columns as `${Name}End`]: Columns[Name] };

/** How many points, but those of kind `null`, there are behind one place, up to and with another. */
const countBetween = prepare<Columns & Ends & { runKey: RunKey; key: string }>()(({ db }, given) =>
  db
    .selectFrom('metric_point')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('run_key', '=', given.runKey)
    .where('key_id', '=', db.selectFrom('metric_key').select('id').where('name', '=', given.key))
    .where(sql<boolean>`${place} > ${tuple(given)}`)
    .where(
      sql<boolean>`${place} <= (${given.timestampMsEnd}, ${given.timestampUsEnd}, ${given.hasStepEnd}, ${given.stepEnd}, ${given.seqEnd})`,
    )
    .where('kind', '<>', sql.lit(pointKinds.indexOf('null'))),
);

/**
 * Reads the finite points of metrics by their places. An index cannot be entered at its n-th row, so the points
 * before a page are passed over, once: where pages ended, and one place in each slice, are remembered.
 */
export function createSeries(
  session: Session,
  { summary, history }: Pick<MetricRepository, 'summary' | 'history'>,
): MetricRepository['series'] {
  const marks = new Map<string, Mark>();

  const find = ({ name }: History, offset: number): Mark | undefined => marks.get(`${offset} ${name}`);

  const keep = ({ name }: History, mark: Mark): void => {
    marks.delete(`${mark.offset} ${name}`);
    marks.set(`${mark.offset} ${name}`, mark);
    const [oldest] = marks.keys();
    if (marks.size > markLimit && oldest !== undefined) marks.delete(oldest);
  };

  const passOver = async (of: History, from: Mark, points: number): Promise<Mark | null> => {
    const given = { runKey: of.runKey, key: of.key, ...columnsOf(from.place) };
    const row = await selectNth.first(session, { ...given, between: points - 1 });
    if (row === undefined) return null;
    const end: PointCursor = {
      timestampMs: BigInt(row.timestamp_ms),
      timestampUs: Number(row.timestamp_us),
      step: Number(row.has_step) === 1 ? BigInt(row.step) : null,
      seq: Number(row.seq),
    };
    const passed = of.allFinite ? points : await countTo(session, given, columnsOf(end));
    return { offset: from.offset + points, ordinal: from.ordinal + passed, place: end };
  };

  /** The place behind so many finite points; null behind the last. */
  const markAt = async (of: History, offset: number): Promise<Mark | null> => {
    let mark: Mark | null = find(of, offset) ?? nearest(of, offset);
    while (mark !== null && mark.offset < offset) {
      mark = await passOver(of, mark, Math.min(offset - mark.offset, sliceSize));
      if (mark !== null) keep(of, mark);
      await turn();
    }
    return mark;
  };

  /** The nearest remembered end of a slice at or before this offset. */
  const nearest = (of: History, offset: number): Mark => {
    for (let end = offset - (offset % sliceSize); end > 0; end -= sliceSize) {
      const mark = find(of, end);
      if (mark !== undefined) return mark;
    }
    return start;
  };

  return async (runKey, key, { offset, limit }) => {
    const known = await summary(runKey, key);
    if (known === null || offset >= known.finite) return [];
    // A history is only ever added to: what was found in it holds as long as it has as many points.
    const of = {
      runKey,
      key,
      name: `${runKey} ${known.count} ${key}`,
      allFinite: known.count === known.finite,
    };
    const mark = await markAt(of, offset);
    if (mark === null) return [];
    const { points, end } = await readFrom(mark, limit, (after) =>
      history(runKey, key, { after, limit: pageSize }),
    );
    keep(of, end);
    return points;
  };
}

/** The finite points from a place on, and the place behind them. */
async function readFrom(
  mark: Mark,
  limit: number,
  read: (after: PointCursor) => Promise<readonly StoredPoint[]>,
): Promise<{ points: readonly SeriesPoint[]; end: Mark }> {
  const points: SeriesPoint[] = [];
  let end = mark;
  for (;;) {
    const page = await read(end.place);
    for (const point of page) {
      if (points.length === limit) return { points, end };
      const counts = point.kind === 'finite';
      if (counts) points.push({ point, ordinal: end.ordinal });
      end = {
        offset: end.offset + (counts ? 1 : 0),
        ordinal: end.ordinal + (point.kind === 'null' ? 0 : 1),
        place: point,
      };
    }
    if (page.length < pageSize) return { points, end };
    await turn();
  }
}

function columnsOf({ timestampMs, timestampUs, step, seq }: PointCursor): Columns {
  return { timestampMs, timestampUs, hasStep: step === null ? 0 : 1, step: step ?? 0n, seq };
}

async function countTo(
  session: Session,
  given: Columns & Omit<History, 'name' | 'allFinite'>,
  end: Columns,
): Promise<number> {
  const ends = {
    timestampMsEnd: end.timestampMs,
    timestampUsEnd: end.timestampUs,
    hasStepEnd: end.hasStep,
    stepEnd: end.step,
    seqEnd: end.seq,
  };
  return Number((await countBetween.first(session, { ...given, ...ends }))?.count ?? 0);
}
