import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './schema.js';

const int8 = 20;

/** A 64-bit integer as a number where that is exact, else as a bigint. */
function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 && format !== 'binary'
      ? parseInt8
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * The connections of a running server. Waits are bounded, so that a lost server or a stuck lock becomes
 * an error that a client may repeat, and idle connections are probed, so that a half-open one is found.
 * When the connection breaks during COMMIT nobody can tell whether it was stored; the caller is told
 * `unavailable`.
 */
export function connectPostgres(url: string): Kysely<Database> {
  return connect({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    lock_timeout: 10_000,
    statement_timeout: 60_000,
    query_timeout: 65_000,
    idle_in_transaction_session_timeout: 60_000,
  });
}

/** One connection without limits of time: a migration takes as long as it takes, or waits for another's. */
export function connectPostgresForMigration(url: string): Kysely<Database> {
  return connect({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 });
}

function connect(config: pg.PoolConfig): Kysely<Database> {
  const pool = new pg.Pool({ ...config, types, keepAlive: true, application_name: 'franca' });
  // Without a listener the loss of a connection would end the process; the next query tells of it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
