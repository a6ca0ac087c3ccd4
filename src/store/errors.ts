import BetterSqlite from 'better-sqlite3';
import pg from 'pg';
import { CoreError, type EntityName, unavailable } from '../core/errors.js';

/** SQLite's result codes, without their extensions, that say "not now". */
const sqliteNotNow = new Set([
  'SQLITE_BUSY',
  'SQLITE_CANTOPEN',
  'SQLITE_FULL',
  'SQLITE_INTERRUPT',
  'SQLITE_IOERR',
  'SQLITE_LOCKED',
  'SQLITE_NOLFS',
  'SQLITE_NOMEM',
  'SQLITE_PERM',
  'SQLITE_PROTOCOL',
  'SQLITE_READONLY',
]);

/**
 * PostgreSQL's classes and codes that say "not now": connection exceptions, out of resources, system
 * errors, shutdowns; and a read-only server, serialization failure, deadlock, lock and statement time-outs.
 */
const postgresNotNow =
  /^(08...|53...|58...|57P0[1-5]|25006|25P03|25P04|40001|40003|40P01|55P03|55P02|57014|72000|F0001)$/;

/** Failures of the way to the server, as Node names them. */
const networkNotNow = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Failures of the connection that pg and Kysely tell by words alone. */
const notNowWords =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|The database connection is not open|driver has already been destroyed)/;

const notNowMessage = 'the database cannot answer now';

/** What a taken unique value is called, by the first word of the table's name; other tables count as their run. */
const entityOf: Readonly<Record<string, EntityName>> = {
  workspace: 'workspace',
  account: 'user',
  token: 'user',
  project: 'project',
  job: 'job',
  logged: 'loggedModel',
  environment: 'environment',
  template: 'template',
  service: 'service',
};

/**
 * The CoreError that a driver's error stands for: `unavailable` when a repeat may succeed,
 * `already_exists` for a value that must be unique, `conflict` for a reference to what is gone,
 * `too_large` for what the database cannot hold. Any other error is given back as it came.
 */
export function toCoreError(error: unknown): unknown {
  if (error instanceof CoreError) return error;
  if (error instanceof BetterSqlite.SqliteError) return fromSqlite(error);
  if (error instanceof pg.DatabaseError) return fromPostgres(error);
  if (error instanceof Error && isConnectionFailure(error)) return unavailable(notNowMessage, error);
  return error;
}

/** True for the SQLite error that another connection holds the lock that is needed. */
export function isBusy(error: unknown): boolean {
  return error instanceof BetterSqlite.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function fromSqlite(error: InstanceType<typeof BetterSqlite.SqliteError>): unknown {
  const primary = error.code.split('_', 2).join('_');
  if (sqliteNotNow.has(primary)) return unavailable(notNowMessage, error);
  if (error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return alreadyExists(/failed: (?:index ')?([a-z]+)/.exec(error.message)?.[1], error);
  }
  if (error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return gone(error);
  if (primary === 'SQLITE_TOOBIG') return tooLarge(error);
  return error;
}

function fromPostgres(error: pg.DatabaseError): unknown {
  const code = error.code ?? '';
  if (postgresNotNow.test(code)) return unavailable(notNowMessage, error);
  if (code === '23505') return alreadyExists(error.table, error);
  if (code === '23503') return gone(error);
  if (code === '54000') return tooLarge(error);
  return error;
}

function isConnectionFailure(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && networkNotNow.has(code)) || notNowWords.test(error.message);
}

function alreadyExists(table: string | undefined, cause: Error): CoreError {
  const entity = entityOf[table?.split('_')[0] ?? ''] ?? 'run';
  return new CoreError({ code: 'already_exists', entity }, `this ${entity} exists already`, { cause });
}

function gone(cause: Error): CoreError {
  return new CoreError({ code: 'conflict' }, 'what this belongs to is gone', { cause });
}

function tooLarge(cause: Error): CoreError {
  return new CoreError({ code: 'too_large' }, 'a value is larger than the database can hold', { cause });
}
