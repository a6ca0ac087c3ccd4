import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { migrationsFor } from '../../src/store/migrations/index.js';
import { migrateStore, openStore } from '../../src/store/open.js';
import { aPlace, now } from '../conformance/store/fixtures.js';
import { expectFacets, migrateToTracking, runsBeforeFacets } from '../store/facets.js';
import { expectProjectTags, migrateToTagLists, projectsWithTagLists } from '../store/project-tags.js';
import { createDatabase, dropDatabase, execute } from './database.js';

describe('migrations of PostgreSQL', () => {
  let url = '';
  const open = () => openStore({ dataFolder: '/nonexistent', url, now });

  beforeEach(async () => {
    url = await createDatabase(inject('postgresUrl'));
  });

  afterEach(async () => {
    await dropDatabase(inject('postgresUrl'), url);
  });

  it('run once though 20 servers start at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, open));
    expect(new Set(stores.map((store) => store.createdAtMs)).size).toBe(1);
    await Promise.all(stores.map((store) => aPlace(store)));
    await Promise.all(stores.map((store) => store.close()));
    const { rows } = await execute(url, 'select name from kysely_migration');
    expect(rows).toEqual(Object.keys(migrationsFor('postgres')).map((name) => ({ name })));
  });

  it('read what runs are searched by out of what was stored before', async () => {
    const pool = new pg.Pool({ connectionString: url });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await migrateToTracking('postgres', db);
    await pool.query(runsBeforeFacets);
    await db.destroy();
    const store = await open();
    await expectFacets(store);
    await store.close();
  });

  it('give the tags of projects that were stored before rows of their own', async () => {
    const pool = new pg.Pool({ connectionString: url });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await migrateToTagLists('postgres', db);
    await pool.query(projectsWithTagLists);
    await db.destroy();
    const store = await open();
    await expectProjectTags(store);
    await store.close();
  });

  it('leave nothing behind when the process is killed midway, and go through the next time', async () => {
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    // Whoever creates a table of the same name waits for this transaction: in the middle of the migration.
    await blocker.query('begin; create table run_spec (in_the_way integer)');
    const program = fileURLToPath(new URL('open-store.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program, url], { stdio: 'inherit' });
    const waiting =
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'create table run_spec%'";
    await vi.waitFor(async () => expect((await execute(url, waiting)).rowCount).toBe(1), { timeout: 30_000 });
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await blocker.query('rollback');
    await blocker.end();

    await vi.waitFor(
      async () =>
        expect((await execute(url, "select to_regclass('run') as run")).rows).toEqual([{ run: null }]),
      { timeout: 30_000 },
    );
    expect(await migrateStore({ dataFolder: '', url })).toEqual(Object.keys(migrationsFor('postgres')));
    const store = await open();
    await expect(aPlace(store)).resolves.toBeDefined();
    await store.close();
  });

  it('refuse a schema of a newer program, in words', async () => {
    await migrateStore({ dataFolder: '', url });
    await execute(url, "insert into kysely_migration (name, timestamp) values ('0999_later', '2030')");
    await expect(open()).rejects.toThrow(/written by a newer version of Franca .*0999_later/);
  });

  it('keep text in the order of its bytes', async () => {
    await migrateStore({ dataFolder: '', url });
    const { rows } = await execute(
      url,
      `select distinct collation_name from information_schema.columns
        where table_schema = 'public' and data_type = 'text'`,
    );
    expect(rows).toEqual([{ collation_name: 'C' }]);
  });

  it('say in a code that the server is not there', async () => {
    const away = openStore({ dataFolder: '', url: 'postgres://franca@127.0.0.1:1/none', now });
    await expect(away).rejects.toMatchObject({ code: 'unavailable' });
  });
});
