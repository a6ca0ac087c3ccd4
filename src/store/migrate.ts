import { type Kysely, Migrator, sql } from 'kysely';
import type { Engine } from './engine.js';
import { migrationsFor } from './migrations/index.js';
import type { Database } from './schema.js';

/**
 * Brings the schema up to this program's version and gives the names of the migrations that it ran.
 * All of them are one transaction, under a lock where several processes may start at once: a process
 * that dies midway leaves nothing behind, and of many that start together one migrates.
 *
 * @throws Error in a user's words if the schema is newer than this program.
 */
export async function migrateToLatest(db: Kysely<Database>, engine: Engine): Promise<string[]> {
  const migrations = migrationsFor(engine);
  const applied = await appliedMigrations(db, engine);
  refuseNewer(applied, Object.keys(migrations));
  if (applied.length === Object.keys(migrations).length) return [];
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    // Kysely orders by the wall clock of each run, which may step back; the numbered names are the order.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    refuseNewer(await appliedMigrations(db, engine), Object.keys(migrations));
    throw error;
  }
  return (results ?? []).map((result) => result.migrationName);
}

function refuseNewer(applied: readonly string[], known: readonly string[]): void {
  const unknown = applied.filter((name) => !known.includes(name)).sort();
  if (unknown.length === 0) return;
  throw new Error(
    `the database was written by a newer version of Franca (it has the migration ${unknown.join(', ')}, which this ` +
      'version does not know): use that version, or a database of this one',
  );
}

async function appliedMigrations(db: Kysely<Database>, engine: Engine): Promise<string[]> {
  const table = await (engine === 'sqlite'
    ? sql`select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'`.execute(db)
    : sql`select 1 where to_regclass('kysely_migration') is not null`.execute(db));
  if (table.rows.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map((row) => row.name);
}
