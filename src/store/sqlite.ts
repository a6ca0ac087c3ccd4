import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type BetterSqlite from 'better-sqlite3';
import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { type CoreError, unavailable } from '../core/errors.js';
import { isBusy } from './errors.js';
import type { DriverQuery } from './statement.js';

/** How long a transaction waits for another process (an admin command) that writes. */
const busyMilliseconds = 15_000;

/** Between two tries for the write lock; the event loop runs meanwhile. */
const retryMilliseconds = 5;

/** A group of transactions ends at this number even if more wait, so that none of them waits long. */
const groupLimit = 500;

/** Compiled statements that a connection keeps; lists by many filters make new ones. */
const statementLimit = 500;

/** The Kysely dialect of a driver of this file. */
export function sqliteDialect(driver: Driver): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely does not count on it, but SQLite's schema changes are transactional: a killed migration leaves nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Runs queries on one SQLite handle, at once and to their end: no cursor outlives a call. */
class Statements {
  readonly #database: BetterSqlite.Database;
  readonly #inexact = new Map<string, BetterSqlite.Statement>();
  readonly #exact = new Map<string, BetterSqlite.Statement>();

  constructor(database: BetterSqlite.Database) {
    this.#database = database;
  }

  run<R>(query: DriverQuery): QueryResult<R> {
    const statement = this.#statement(query.sql, query.exactIntegers ?? false);
    if (statement.reader) return { rows: statement.all(query.parameters) as R[] };
    const { changes, lastInsertRowid } = statement.run(query.parameters);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  }

  #statement(sql: string, exactIntegers: boolean): BetterSqlite.Statement {
    const kept = exactIntegers ? this.#exact : this.#inexact;
    let statement = kept.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (exactIntegers) statement.safeIntegers(true);
      const oldest = kept.size >= statementLimit ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(sql, statement);
    }
    return statement;
  }
}

async function* noStream(): AsyncGenerator<never> {
  yield* [];
  throw new Error('rows are read in pages, never as a stream that holds a snapshot');
}

/** Reads on a handle of its own: each statement sees what is committed when it starts, and ends before the next. */
export class ReadDriver implements Driver {
  readonly #database: BetterSqlite.Database;
  readonly #connection: DatabaseConnection;

  constructor(database: BetterSqlite.Database) {
    this.#database = database;
    const statements = new Statements(database);
    this.#connection = { executeQuery: async (query) => statements.run(query), streamQuery: noStream };
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(): Promise<void> {
    throw new Error('a snapshot of the reading connection would hold up checkpoints');
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

/** Transactions that share one COMMIT. */
class Group {
  readonly durable: Promise<void>;
  /** Set once nothing of the group can be stored any more. */
  lost: CoreError | null = null;
  /** Set at the end of the turn of the event loop in which the group began. */
  due = false;
  size = 0;
  /** Answers every caller of the group: with null that it is stored, else why nothing is. */
  readonly answer: (error: CoreError | null) => void;

  constructor() {
    let settle: { resolve: () => void; reject: (error: CoreError) => void } | null = null;
    this.durable = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    // A group may be lost before any transaction of it waits for its end.
    this.durable.catch(() => undefined);
    this.answer = (error) => {
      this.lost = error;
      if (error === null) settle?.resolve();
      else settle?.reject(error);
    };
  }
}

/** The writer's handle in the hand of one caller. */
class WriteConnection implements DatabaseConnection {
  /** The group of the transaction that runs on it; null before its begin. */
  group: Group | null = null;
  /** True once the transaction has ended and the turn was passed on. */
  ended = false;
  readonly streamQuery = noStream;
  readonly #run: (connection: WriteConnection, query: DriverQuery) => QueryResult<never>;

  constructor(run: (connection: WriteConnection, query: DriverQuery) => QueryResult<never>) {
    this.#run = run;
  }

  async executeQuery<R>(query: DriverQuery<R>): Promise<QueryResult<R>> {
    return this.#run(this, query);
  }
}

interface Turn {
  readonly take: () => void;
  readonly refuse: (error: CoreError) => void;
}

/**
 * The writer. Transactions run one after another, each in a savepoint, and all of one turn of the event
 * loop share one COMMIT: so one fsync serves many callers, and each is answered only after it. Inside a
 * transaction nothing but queries may be awaited, or everybody waits.
 *
 * Some errors (disk full, I/O error, no memory) make SQLite itself roll back everything since BEGIN, the
 * savepoints of earlier callers included. Then, and when COMMIT fails, every caller of the group is
 * answered `unavailable`, those too whose turn had not come, and nothing of the group is stored.
 */
export class GroupCommitDriver implements Driver {
  readonly #database: BetterSqlite.Database;
  readonly #statements: Statements;
  readonly #queue: Turn[] = [];
  /** True while a caller holds the connection. */
  #taken = false;
  #group: Group | null = null;
  #closed = false;

  constructor(database: BetterSqlite.Database) {
    this.#database = database;
    this.#statements = new Statements(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#closed) throw unavailable('the database is closed');
    if (this.#taken || this.#queue.length > 0) {
      await new Promise<void>((take, refuse) => this.#queue.push({ take, refuse }));
    }
    this.#taken = true;
    return new WriteConnection((connection, query) => this.#run(connection, query));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (!writing(connection).ended) this.#pass(writing(connection));
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const group = this.#group ?? (await this.#begin());
    this.#command('savepoint caller');
    writing(connection).group = group;
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const group = groupOf(connection);
    if (group.lost !== null) throw group.lost;
    this.#command('release caller');
    group.size += 1;
    this.#pass(writing(connection));
    await group.durable;
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (writing(connection).ended) return;
    if (groupOf(connection).lost === null) {
      this.#command('rollback to caller');
      this.#command('release caller');
    }
    this.#pass(writing(connection));
  }

  async destroy(): Promise<void> {
    this.#closed = true;
    for (const turn of this.#queue.splice(0)) turn.refuse(unavailable('the database is closed'));
    while (this.#taken || this.#group !== null) await turn();
    this.#database.close();
  }

  #run(connection: WriteConnection, query: DriverQuery): QueryResult<never> {
    if (connection.ended) throw new Error('this transaction has ended');
    // A statement outside of a transaction, as in migrations, is a commit of its own.
    if (connection.group === null && this.#group !== null) this.#commit(this.#group);
    if (connection.group !== null && connection.group.lost !== null) throw connection.group.lost;
    try {
      return this.#statements.run(query);
    } catch (error) {
      this.#check(error);
      throw error;
    }
  }

  #command(sql: 'savepoint caller' | 'release caller' | 'rollback to caller'): void {
    try {
      this.#statements.run({ sql, parameters: [] } as unknown as DriverQuery);
    } catch (error) {
      this.#lose(error);
      throw error;
    }
  }

  async #begin(): Promise<Group> {
    const deadline = performance.now() + busyMilliseconds;
    for (;;) {
      try {
        this.#database.exec('begin immediate');
        break;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        await delay(retryMilliseconds);
      }
    }
    const group = new Group();
    this.#group = group;
    setImmediate(() => {
      group.due = true;
      if (this.#group === group && !this.#taken) this.#commit(group);
    });
    return group;
  }

  /** Gives the turn on, or ends the group first if its time has come. */
  #pass(connection: WriteConnection): void {
    connection.ended = true;
    this.#taken = false;
    const group = this.#group;
    if (group !== null && (group.due || group.size >= groupLimit)) this.#commit(group);
    else this.#next();
  }

  #next(): void {
    const turn = this.#taken ? undefined : this.#queue.shift();
    if (turn === undefined) return;
    this.#taken = true;
    turn.take();
  }

  #commit(group: Group): void {
    try {
      this.#database.exec('commit');
      this.#group = null;
      group.answer(null);
    } catch (error) {
      this.#lose(error);
    }
    // A turn of the event loop lies between two groups: requests are read, and other processes get the lock.
    setImmediate(() => this.#next());
  }

  /** After an error of a statement: did SQLite roll back the whole group by itself? */
  #check(error: unknown): void {
    if (this.#group !== null && !this.#database.inTransaction) this.#lose(error);
  }

  #lose(cause: unknown): void {
    const group = this.#group;
    if (group === null) return;
    this.#group = null;
    const error = unavailable('the database could not store this', cause);
    try {
      if (this.#database.inTransaction) this.#database.exec('rollback');
    } finally {
      group.answer(error);
      for (const turn of this.#queue.splice(0)) turn.refuse(error);
    }
  }
}

function writing(connection: DatabaseConnection): WriteConnection {
  if (!(connection instanceof WriteConnection)) throw new Error('a connection of another driver');
  return connection;
}

function groupOf(connection: DatabaseConnection): Group {
  const { group } = writing(connection);
  if (group === null) throw new Error('no transaction has begun on this connection');
  return group;
}
