import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { Kysely } from 'kysely';
import type { Store } from '../core/ports/index.js';
import { type Micros, millisFromMicros } from '../core/time.js';
import type { Engine } from './engine.js';
import { toCoreError } from './errors.js';
import { migrateToLatest } from './migrate.js';
import { connectPostgres, connectPostgresForMigration } from './postgres.js';
import { createRepositories } from './repositories.js';
import type { Database } from './schema.js';
import { GroupCommitDriver, ReadDriver, sqliteDialect } from './sqlite.js';
import { prepare, type Session } from './statement.js';

export interface StoreOptions {
  /** Where the SQLite file lies; unused with a `url`. */
  readonly dataFolder: string;
  /** `postgres://…`, or null for the SQLite file `franca.db` in the data folder. */
  readonly url: string | null;
  readonly now: () => Micros;
}

/** The two ways into one database, and how to leave it. */
export interface Connections {
  readonly engine: Engine;
  readonly write: Kysely<Database>;
  readonly read: Kysely<Database>;
  close(): Promise<void>;
}

/**
 * Opens the database, makes it if need be, and brings its schema up to date.
 *
 * @throws Error in a user's words for a schema that is newer than this program; CoreError `unavailable`
 *   where the database cannot be reached.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  try {
    if (options.url === null) {
      const database = openSqliteFile(options.dataFolder);
      const connections = connectSqlite(database);
      const store = await ready(connections, () => migrateToLatest(connections.write, 'sqlite'), options.now);
      // From here on the writer waits for other processes without holding up the event loop.
      database.pragma('busy_timeout = 5');
      return store;
    }
    const { url } = options;
    const write = connectPostgres(url);
    const connections: Connections = { engine: 'postgres', write, read: write, close: () => write.destroy() };
    return await ready(connections, () => migratePostgres(url), options.now);
  } catch (error) {
    throw toCoreError(error);
  }
}

/** Brings the schema up to date and gives the names of the migrations that it ran. */
export async function migrateStore(options: Pick<StoreOptions, 'dataFolder' | 'url'>): Promise<string[]> {
  try {
    if (options.url !== null) return await migratePostgres(options.url);
    const connections = connectSqlite(openSqliteFile(options.dataFolder));
    try {
      return await migrateToLatest(connections.write, 'sqlite');
    } finally {
      await connections.close();
    }
  } catch (error) {
    throw toCoreError(error);
  }
}

/** The writing handle of the SQLite file of a data folder. */
export function openSqliteFile(dataFolder: string): BetterSqlite.Database {
  mkdirSync(dataFolder, { recursive: true });
  const database = new BetterSqlite(join(dataFolder, 'franca.db'), { timeout: 5_000 });
  try {
    database.pragma('journal_mode = wal');
    database.pragma('synchronous = full');
    database.pragma('foreign_keys = on');
    database.pragma('journal_size_limit = 67108864');
    database.pragma('cache_size = -16000');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** The connections over a writing handle: the writer that groups commits, and a reader of its own. */
export function connectSqlite(database: BetterSqlite.Database): Connections {
  const write = new Kysely<Database>({ dialect: sqliteDialect(new GroupCommitDriver(database)) });
  const reader = new BetterSqlite(database.name, { readonly: true, timeout: 5_000 });
  const read = new Kysely<Database>({ dialect: sqliteDialect(new ReadDriver(reader)) });
  const close = async (): Promise<void> => {
    // Kysely closes a driver only if it was used; the writer goes last and takes the WAL with it.
    await read.destroy();
    reader.close();
    await write.destroy();
    database.close();
  };
  return { engine: 'sqlite', write, read, close };
}

async function migratePostgres(url: string): Promise<string[]> {
  const db = connectPostgresForMigration(url);
  try {
    return await migrateToLatest(db, 'postgres');
  } finally {
    await db.destroy();
  }
}

async function ready(
  connections: Connections,
  migrate: () => Promise<unknown>,
  now: () => Micros,
): Promise<Store> {
  try {
    await migrate();
    return await createStore(connections, now);
  } catch (error) {
    await connections.close();
    throw error;
  }
}

const selectMeta = prepare<{ name: string }>()(({ db }, given) =>
  db.selectFrom('meta').select('value').where('name', '=', given.name),
);

const insertMeta = prepare<{ name: string; value: string }>()(({ db }, given) =>
  db
    .insertInto('meta')
    .values({ name: given.name, value: given.value })
    .onConflict((conflict) => conflict.doNothing()),
);

const setMeta = prepare<{ name: string; value: string }>()(({ db }, given) =>
  db
    .insertInto('meta')
    .values({ name: given.name, value: given.value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: given.value })),
);

/** The store over open connections whose schema is up to date. */
export async function createStore(connections: Connections, now: () => Micros): Promise<Store> {
  const reading: Session = {
    engine: connections.engine,
    db: connections.read,
    writable: false,
    failure: null,
  };
  const createdAtMs = await creationTime(connections, reading, now);
  let closed: Promise<void> | null = null;
  return {
    read: createRepositories(reading, now),
    createdAtMs,
    transaction: (work) => inTransaction(connections, (session) => work(createRepositories(session, now))),
    async ping() {
      await selectMeta.first(reading, { name: 'created_at_ms' });
      await inTransaction(connections, (session) =>
        setMeta.all(session, { name: 'pinged_at', value: String(now()) }),
      );
    },
    close() {
      closed ??= connections.close();
      return closed;
    },
  };
}

async function creationTime(connections: Connections, reading: Session, now: () => Micros): Promise<number> {
  const name = 'created_at_ms';
  const known = await selectMeta.first(reading, { name });
  if (known !== undefined) return Number(known.value);
  const value = String(millisFromMicros(now()));
  const stored = await inTransaction(connections, async (session) => {
    await insertMeta.all(session, { name, value });
    return selectMeta.first(session, { name });
  });
  return Number(stored?.value ?? value);
}

async function inTransaction<T>(
  { engine, write }: Connections,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    return await write.transaction().execute(async (db) => {
      const session: Session = { engine, db, writable: true, failure: null };
      const result = await work(session);
      if (session.failure !== null) throw session.failure;
      return result;
    });
  } catch (error) {
    throw toCoreError(error);
  }
}
