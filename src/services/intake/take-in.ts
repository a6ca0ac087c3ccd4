import { join } from 'node:path';
import type { MetricPoint } from '../../core/metrics.js';
import type { Job, Run } from '../../core/model.js';
import type { Param } from '../../core/params.js';
import type { Columns, Repositories, RowOf, TableRows } from '../../core/ports/index.js';
import { findRole, type RunSpec } from '../../core/spec.js';
import type { Ports } from '../context.js';
import { keepAlive } from '../runs/keep-alive.js';

/** A folder of one job, in which clients inside leave what Franca takes in. */
export interface JobInbox {
  readonly run: Run;
  readonly job: Job;
  readonly spec: RunSpec;
  /** The absolute path by which the server finds it. */
  readonly folder: string;
  /** True once the job has ended: nothing comes after. */
  readonly ended: boolean;
  /** Aborted when the server stops: the rest is taken in after its next start. */
  readonly signal: AbortSignal;
}

/** What a row says of a run. */
export type JobRecord =
  | { readonly kind: 'point'; readonly point: MetricPoint }
  | { readonly kind: 'param'; readonly param: Param };

/** A table that clients of a dialect write. */
export interface RecordTable {
  readonly name: string;
  readonly columns: Columns;
  /** Pure; null for a row that says nothing of the run. */
  readonly read: (values: RowOf<Columns>, run: Run) => JobRecord | null;
}

/** A database that clients of a dialect leave in the inbox of their job. */
export interface RecordDatabase {
  /** The name of its file. */
  readonly file: string;
  readonly tables: readonly RecordTable[];
}

/** The table, with the types of its columns known to what reads its rows. */
export function recordTable<C extends Columns>(table: {
  readonly name: string;
  readonly columns: C;
  readonly read: (values: RowOf<C>, run: Run) => JobRecord | null;
}): RecordTable {
  // The values are read by these very columns.
  return table as unknown as RecordTable;
}

/**
 * Takes what is new in a job's database into its run: each row once, however often this is called, and wherever an
 * earlier call was cut short. A param that the run has stays as it is.
 *
 * @throws UnreadableDatabase for a database that is damaged, after all that was read before; CoreError
 * `unavailable`; the signal's reason.
 */
export async function takeIn(ports: Ports, inbox: JobInbox, database: RecordDatabase): Promise<void> {
  const { run, job, folder, ended, signal } = inbox;
  ports.crash('intake.begin');
  const places = await ports.store.read.intakes.places(job.key);
  const tables = database.tables.map(({ name, columns }) => ({
    name,
    columns,
    after: places.get(sourceOf(database, name)) ?? 0,
  }));
  const request = { tables, timeZone: timeZoneOf(inbox), ended };
  for await (const found of ports.jobDatabases.read(join(folder, database.file), request)) {
    const table = database.tables.find(({ name }) => name === found.table);
    if (table === undefined) throw new Error('rows of a table that was not asked for');
    await ports.store.transaction((tx) =>
      storeRows(ports, tx, { run, job, table, found, source: sourceOf(database, table.name) }),
    );
    ports.crash('intake.afterCommit');
    signal.throwIfAborted();
  }
}

/** Under what the place is kept up to which a table was read. */
function sourceOf({ file }: RecordDatabase, table: string): string {
  return `${file}/${table}`;
}

interface Found {
  readonly run: Run;
  readonly job: Job;
  readonly table: RecordTable;
  readonly found: TableRows;
  readonly source: string;
}

async function storeRows(
  ports: Ports,
  tx: Repositories,
  { run, job, table, found, source }: Found,
): Promise<void> {
  const held = await tx.runs.lock(run.key);
  if (held === null || held.purgeAt !== null) return;
  // Another call may have read the same rows meanwhile.
  const place = (await tx.intakes.places(job.key)).get(source) ?? 0;
  const fresh = found.rows.filter(({ id }) => id > place);
  const last = fresh.at(-1);
  if (last === undefined) return;
  const records = fresh.flatMap(({ values }) => table.read(values, run) ?? []);
  const now = ports.clock.now();
  const points = records.flatMap((record) => (record.kind === 'point' ? [record.point] : []));
  await tx.metrics.append(run.key, points, now);
  await addParams(
    tx,
    held,
    records.flatMap((record) => (record.kind === 'param' ? [record.param] : [])),
  );
  await tx.intakes.setPlace(job.key, source, last.id);
  await keepAlive(tx, held, now);
  ports.crash('intake.beforeCommit');
}

/** The first word on a param counts, as for whoever sets it from inside: it would be told so, but is gone by now. */
async function addParams(tx: Repositories, { key }: Run, params: readonly Param[]): Promise<void> {
  if (params.length === 0) return;
  const firsts = new Map([...params].reverse().map((param) => [param.key, param]));
  const known = new Set((await tx.params.find(key, [...firsts.keys()])).map((param) => param.key));
  const added = params.filter((param) => firsts.get(param.key) === param && !known.has(param.key));
  if (added.length > 0) await tx.params.upsert(key, added);
}

/** By which the job's processes tell local times: a job is given no other than its spec's. */
function timeZoneOf({ spec, job }: JobInbox): string | null {
  const variables = findRole(spec, job.role)?.env ?? [];
  return variables.findLast(({ name }) => name === 'TZ')?.value ?? null;
}
