import { type CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Store } from '../../src/core/ports/index.js';
import { openStore } from '../../src/store/open.js';
import type { Database } from '../../src/store/schema.js';
import { aPlace, now, type Place } from '../conformance/store/fixtures.js';
import { plannedReads, statementsOf } from '../conformance/store/plans.js';
import { createDatabase, dropDatabase } from './database.js';

describe('the plan of', () => {
  const logged: CompiledQuery[] = [];
  let url = '';
  let store: Store;
  let place: Place;
  let pool: pg.Pool;
  let db: Kysely<Database>;

  beforeAll(async () => {
    url = await createDatabase(inject('postgresUrl'));
    store = await openStore({ dataFolder: '', url, now });
    place = await aPlace(store);
    // In small tables a scan is cheaper than any index; what is asked is whether an index could serve.
    pool = new pg.Pool({ connectionString: url, options: '-c enable_seqscan=off -c enable_bitmapscan=off' });
    db = new Kysely<Database>({
      dialect: new PostgresDialect({ pool }),
      log: (event) => {
        logged.push(event.query);
      },
    });
  });

  afterAll(async () => {
    await db.destroy();
    await store.close();
    await dropDatabase(inject('postgresUrl'), url);
  });

  it.each(plannedReads.map((read) => [read.name, read] as const))(
    '%s goes by an index',
    async (_name, read) => {
      const statements = await statementsOf(read, { engine: 'postgres', db, logged, place });
      expect(statements.length).toBeGreaterThan(0);
      for (const { sql, parameters } of statements) {
        const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...parameters]);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).toMatch(read.index);
        expect(plan).not.toContain('Seq Scan');
      }
    },
  );
});
