import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { type CompiledQuery, Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/core/ports/index.js';
import { openStore } from '../../src/store/open.js';
import type { Database } from '../../src/store/schema.js';
import { ReadDriver, sqliteDialect } from '../../src/store/sqlite.js';
import { aPlace, now, type Place } from '../conformance/store/fixtures.js';
import { plannedReads, statementsOf } from '../conformance/store/plans.js';

describe('the plan of', () => {
  const folder = mkdtempSync(join(tmpdir(), 'franca-plans-'));
  const logged: CompiledQuery[] = [];
  let store: Store;
  let place: Place;
  let database: BetterSqlite.Database;
  let db: Kysely<Database>;

  beforeAll(async () => {
    store = await openStore({ dataFolder: folder, url: null, now });
    place = await aPlace(store);
    database = new BetterSqlite(join(folder, 'franca.db'), { readonly: true });
    db = new Kysely<Database>({
      dialect: sqliteDialect(new ReadDriver(database)),
      log: (event) => {
        logged.push(event.query);
      },
    });
  });

  afterAll(async () => {
    await db.destroy();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it.each(plannedReads.map((read) => [read.name, read] as const))(
    '%s goes by an index',
    async (_name, read) => {
      const statements = await statementsOf(read, { engine: 'sqlite', db, logged, place });
      expect(statements.length).toBeGreaterThan(0);
      for (const { sql, parameters } of statements) {
        const plan = database
          .prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
          .all(...parameters);
        const steps = plan.map((step) => step.detail);
        const tables = steps.filter((step) => !/json_each|\bpart\b|CONSTANT ROW/.test(step));
        expect(steps.join('\n')).toMatch(read.index);
        expect(
          tables.filter((step) =>
            /^SCAN (?!(run|project) USING (COVERING )?INDEX (run_unfinished|project_purge))/.test(step),
          ),
        ).toEqual([]);
      }
    },
  );

  it('points of a metric by time and value sorts no more than those of one time', async () => {
    const read = plannedReads.find(({ name }) => name === 'points of a metric by time and value');
    if (read === undefined) throw new Error('the read is there');
    for (const { sql, parameters } of await statementsOf(read, { engine: 'sqlite', db, logged, place })) {
      const plan = database
        .prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
        .all(...parameters);
      const sorts = plan.map((step) => step.detail).filter((detail) => detail.includes('TEMP B-TREE'));
      expect(sorts.length).toBeGreaterThan(0);
      for (const sort of sorts) expect(sort).toMatch(/FOR LAST [34] TERMS OF ORDER BY/);
    }
  });

  it.each(plannedReads.filter((read) => /page|history|row/.test(read.name) && !/several/.test(read.name)))(
    '$name needs no sorting',
    async (read) => {
      const [statement] = await statementsOf(read, { engine: 'sqlite', db, logged, place });
      const plan = database
        .prepare<unknown[], { detail: string }>(`explain query plan ${statement?.sql}`)
        .all(...(statement?.parameters ?? []));
      expect(plan.map((step) => step.detail).join('\n')).not.toContain('TEMP B-TREE');
    },
  );
});
