import { sql } from 'kysely';
import type { RunKey } from '../core/ids.js';
import type { StoredPoint } from '../core/metrics.js';
import { among } from './engine.js';
import { pointColumns, toPoint } from './metric-rows.js';
import { prepare, type Session } from './statement.js';

interface Rows {
  readonly runKey: RunKey;
  readonly key: string;
  readonly from: number;
  readonly through: number;
  readonly stride: number;
}

/**
 * The first row that has the metric, and from each the first that has it at least a stride on. The signs keep
 * SQLite and PostgreSQL from reading all points of the metric for each: the index by rows has it at once.
 */
const selectRows = prepare<Rows>()(({ db }, given) => {
  const firstFrom = (row: unknown) =>
    sql<number | null>`(select min("row") from metric_point where run_key = ${given.runKey}
      and +key_id = (select id from metric_key where name = ${given.key})
      and "row" >= ${row} and "row" <= ${given.through})`;
  return db
    .withRecursive('part(number)', (cte) =>
      cte.selectNoFrom(firstFrom(given.from).as('number')).unionAll(
        cte
          .selectFrom('part')
          .select(firstFrom(sql`part.number + ${given.stride}`).as('number'))
          .where('part.number', 'is not', null),
      ),
    )
    .selectFrom('part')
    .select('number')
    .where('number', 'is not', null);
});

const selectPoints = prepare<{ runKey: RunKey; key: string; rows: readonly number[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('metric_point')
      .select(pointColumns)
      .where('run_key', '=', given.runKey)
      .where(among(engine, 'row', given.rows))
      .where(sql<boolean>`+key_id = (select id from metric_key where name = ${given.key})`)
      .orderBy('row'),
  { exactIntegers: true },
);

/** Of one metric, the points of about `count` rows that lie evenly between two of the run's rows. */
export async function readSpread(
  session: Session,
  runKey: RunKey,
  key: string,
  { from, through, count }: { from: number; through: number; count: number },
): Promise<readonly StoredPoint[]> {
  const stride = Math.max(1, Math.ceil((through - from + 1) / count));
  const rows = await selectRows.all(session, { runKey, key, from, through, stride });
  const numbers = rows.map(({ number }) => Number(number));
  const points = await selectPoints.all(session, { runKey, key, rows: numbers });
  return points.map((row) => toPoint(row, key));
}
