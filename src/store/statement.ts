import {
  type Compilable,
  type CompiledQuery,
  type Insertable,
  type InsertQueryBuilder,
  type InsertResult,
  type Kysely,
  type RawBuilder,
  sql,
} from 'kysely';
import { invalid } from '../core/errors.js';
import { type Engine, encodeList } from './engine.js';
import { toCoreError } from './errors.js';
import type { Database } from './schema.js';

/** Where statements run: a transaction, or the reads outside of any. */
export interface Session {
  readonly engine: Engine;
  readonly db: Kysely<Database>;
  /** False outside of a transaction. */
  readonly writable: boolean;
  /** The first error of the database. PostgreSQL takes no more statements after one, and so neither database commits. */
  failure: unknown;
}

/** A compiled query, with what the SQLite driver must know beyond it. */
export interface DriverQuery<R = unknown> extends CompiledQuery<R> {
  /** Read every integer of the result as a bigint: set where 64 bits matter. */
  readonly exactIntegers?: boolean;
}

/** Stands in a compiled statement for a parameter that each call gives. */
class Placeholder {
  constructor(readonly name: string) {}
}

type Placeholders<P> = { readonly [K in keyof P]-?: RawBuilder<P[K]> };

/** A statement that is built and compiled once for each kind of database, and then only given its parameters. */
export interface Statement<P, R> {
  all(session: Session, parameters: P): Promise<R[]>;
  first(session: Session, parameters: P): Promise<R | undefined>;
}

interface Building {
  readonly db: Kysely<Database>;
  readonly engine: Engine;
}

/**
 * Prepares a statement: `prepare<{ id: RunId }>()(({ db }, given) => db.selectFrom('run')….where('id', '=', given.id))`.
 * Building and compiling a query costs more than SQLite needs to run it, so no repository does it twice.
 */
export function prepare<P extends object>() {
  return <R>(
    build: (building: Building, given: Placeholders<P>) => Compilable<R>,
    options: { exactIntegers?: boolean } = {},
  ): Statement<P, R> => {
    const compiled = new Map<Engine, CompiledQuery<R>>();
    const given = new Proxy({} as Placeholders<P>, {
      get: (_target, name) => sql`${new Placeholder(String(name))}`,
    });
    const queryFor = (session: Session): CompiledQuery<R> => {
      let query = compiled.get(session.engine);
      if (query === undefined) {
        query = build(session, given).compile();
        compiled.set(session.engine, query);
      }
      return query;
    };
    const all = (session: Session, parameters: P): Promise<R[]> => {
      const query = queryFor(session);
      const values = query.parameters.map((parameter) =>
        parameter instanceof Placeholder ? parameters[parameter.name as keyof P] : parameter,
      );
      return execute(session, query, values, options.exactIntegers ?? false);
    };
    return { all, first: async (session, parameters) => (await all(session, parameters))[0] };
  };
}

/** Inserts of any number of rows, by statements of a few fixed numbers of rows. */
export interface RowsStatement<Row> {
  run(session: Session, rows: readonly Row[]): Promise<void>;
}

/** How many rows one statement takes, the most first: each is compiled once. */
const chunkSizes = [256, 64, 16, 4, 1] as const;

/**
 * Prepares the insert of many rows with these columns. `finish` adds what follows the values; it must
 * not name a row of the same statement twice, since PostgreSQL refuses that.
 */
export function prepareRows<T extends keyof Database & string>(
  table: T,
  columns: readonly (keyof Insertable<Database[T]> & string)[],
  finish: (insert: InsertQueryBuilder<Database, T, InsertResult>) => Compilable<unknown> = (insert) => insert,
): RowsStatement<Insertable<Database[T]>> {
  const compiled = new Map<string, CompiledQuery<unknown>>();
  const queryFor = (session: Session, size: number): CompiledQuery<unknown> => {
    const name = `${session.engine} ${size}`;
    let query = compiled.get(name);
    if (query === undefined) {
      const row = Object.fromEntries(columns.map((column) => [column, sql`${new Placeholder(column)}`]));
      const rows = Array.from({ length: size }, () => row) as unknown as Insertable<Database[T]>[];
      query = finish(session.db.insertInto(table).values(rows)).compile();
      compiled.set(name, query);
    }
    return query;
  };
  return {
    async run(session, rows) {
      let start = 0;
      for (const size of chunkSizes) {
        for (; rows.length - start >= size; start += size) {
          const values = rows
            .slice(start, start + size)
            .flatMap((row) => columns.map((column) => row[column]));
          await execute(session, queryFor(session, size), values, false);
        }
      }
    },
  };
}

async function execute<R>(
  session: Session,
  query: CompiledQuery<R>,
  values: readonly unknown[],
  exactIntegers: boolean,
): Promise<R[]> {
  if (!session.writable && query.query.kind !== 'SelectQueryNode') {
    throw new Error('a write needs a transaction');
  }
  const parameters = values.map((value) => encode(session.engine, value));
  const bound: DriverQuery<R> = { ...query, parameters, exactIntegers };
  try {
    return (await session.db.executeQuery<R>(bound)).rows;
  } catch (error) {
    const failure = toCoreError(error);
    session.failure ??= failure;
    throw failure;
  }
}

/** NUL, which PostgreSQL cannot hold, and halves of surrogate pairs, which UTF-8 cannot: they are refused, not altered. */
const unstorable = /\0|\p{Surrogate}/u;

function encode(engine: Engine, value: unknown): unknown {
  if (typeof value === 'string') {
    if (unstorable.test(value))
      throw invalid('', 'text may hold neither NUL characters nor unpaired surrogates');
    return value;
  }
  if (Array.isArray(value)) {
    for (const item of value) encode(engine, item);
    return encodeList(engine, value);
  }
  if (value === undefined) throw new Error('a parameter of a statement is missing');
  return Object.is(value, -0) ? 0 : value;
}
