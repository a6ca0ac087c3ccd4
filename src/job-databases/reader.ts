/**
 * A program: reads one SQLite file that a job wrote, and prints its rows. It is ended from outside when it takes
 * too long, so it need not be careful with time, but it must not do what the file tells it to.
 */
import { once } from 'node:events';
import BetterSqlite from 'better-sqlite3';
import type { ColumnKind } from '../core/ports/job-databases.js';
import { exitCodes, type ReaderRequest, type RowsLine } from './protocol.js';

/** Bytes of a text; longer ones are not even loaded. */
const textLimit = 2_000;

/** Rows of one read. The database is locked for its time alone, not while the rows are printed. */
const batchSize = 500;

/** Says no more than what it says. */
class Refused extends Error {}

type Values = Record<string, string | number | bigint | null>;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** What is of the wrong type is never evaluated beyond its type. */
const expressions: Readonly<Record<ColumnKind, (column: string) => string>> = {
  text: (column) =>
    `case when typeof(${column}) = 'text' and octet_length(${column}) <= ${textLimit} then ${column} end`,
  real: (column) => `case when typeof(${column}) in ('real', 'integer') then cast(${column} as real) end`,
  integer: (column) =>
    `case when typeof(${column}) in ('real', 'integer') then cast(${column} as integer) end`,
  localTime: (column) => expressions.text(column),
};

/** `YYYY-MM-DD hh:mm:ss[.ffffff]` of this process's time zone, in microseconds of UTC; null for anything else. */
function microsOf(text: string): bigint | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const date = new Date(2000, 0, 1);
  // Not by the constructor, which takes the years before 100 for those of the last century.
  date.setFullYear(year, month - 1, day);
  date.setHours(hour, minute, second, 0);
  const isDate = month >= 1 && month <= 12 && date.getMonth() === month - 1;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return null;
  return BigInt(date.getTime()) * 1000n + BigInt((found[7] ?? '').padEnd(6, '0'));
}

/** As JSON can have it: infinities and 64 bits are texts. */
function printed(kind: ColumnKind, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (kind === 'localTime') return microsOf(String(value))?.toString() ?? null;
  return String(value);
}

/** False where there is no such table. Views, virtual tables and computed columns would run what the file says. */
function isPlain(
  database: BetterSqlite.Database,
  { name, columns }: ReaderRequest['tables'][number],
): boolean {
  const tables = database
    .prepare<[string], { type: string; wr: number }>(
      "select type, wr from pragma_table_list where schema = 'main' and name = ?",
    )
    .all(name);
  if (tables.length === 0) return false;
  if (tables.some(({ type, wr }) => type !== 'table' || wr !== 0))
    throw new Refused(`${name} is not a plain table`);
  const present = database
    .prepare<[string], { name: string; hidden: number }>('select name, hidden from pragma_table_xinfo(?)')
    .all(name);
  if (present.some((column) => column.name.toLowerCase() === 'rowid'))
    throw new Refused(`${name} hides the ids of its rows`);
  for (const wanted of Object.keys(columns)) {
    const column = present.find((each) => each.name === wanted);
    if (column?.hidden !== 0) throw new Refused(`${name} has no plain column ${wanted}`);
  }
  return true;
}

async function print(line: RowsLine | 'end'): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain');
}

async function printRows(
  database: BetterSqlite.Database,
  { name, columns, after }: ReaderRequest['tables'][number],
): Promise<void> {
  const kinds = Object.entries(columns);
  const selected = kinds.map(([column, kind]) => `${expressions[kind](quoted(column))} as ${quoted(column)}`);
  const statement = database
    .prepare<[number, number], Values>(
      `select rowid as "id of the row", ${selected.join(', ')} from ${quoted(name)}
        where rowid > ? and rowid <= ${Number.MAX_SAFE_INTEGER} order by rowid limit ?`,
    )
    .safeIntegers();
  for (let last = after; ; ) {
    const rows = statement.all(last, batchSize);
    const end = rows.at(-1);
    if (end === undefined) return;
    const lines = rows.map((row) => ({
      id: Number(row['id of the row']),
      values: kinds.map(([column, kind]) => printed(kind, row[column])),
    }));
    await print({ table: name, rows: lines });
    last = Number(end['id of the row']);
    if (rows.length < batchSize) return;
  }
}

async function main(): Promise<void> {
  const { file, mayRecover, tables }: ReaderRequest = JSON.parse(process.argv[2] ?? '');
  const database = new BetterSqlite(file, { readonly: !mayRecover, fileMustExist: true, timeout: 1000 });
  database.pragma('trusted_schema = off');
  database.pragma('cell_size_check = on');
  database.pragma('mmap_size = 0');
  for (const table of tables) if (isPlain(database, table)) await printRows(database, table);
  await print('end');
}

function exitCodeOf(error: unknown): number {
  const code = error instanceof BetterSqlite.SqliteError ? error.code : '';
  return /^SQLITE_(BUSY|LOCKED|READONLY|CANTOPEN)/.test(code) ? exitCodes.busy : exitCodes.unreadable;
}

try {
  await main();
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message.slice(0, 500) : 'unknown');
  process.exitCode = exitCodeOf(error);
}
