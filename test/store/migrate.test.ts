import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type BetterSqlite from 'better-sqlite3';
import { Migrator } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.js';
import { migrationsFor } from '../../src/store/migrations/index.js';
import { connectSqlite, migrateStore, openSqliteFile, openStore } from '../../src/store/open.js';
import { aPlace, now } from '../conformance/store/fixtures.js';
import { expectFacets, migrateToTracking, runsBeforeFacets } from './facets.js';
import { expectProjectTags, migrateToTagLists, projectsWithTagLists } from './project-tags.js';

describe('migrations of SQLite', () => {
  let dataFolder = '';
  const open = () => openStore({ dataFolder, url: null, now });
  const tables = (database: BetterSqlite.Database) =>
    database.prepare<[], { name: string }>("select name from sqlite_master where type = 'table'").all();

  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'franca-migrate-'));
  });

  afterEach(() => {
    rmSync(dataFolder, { recursive: true });
  });

  it('run once and say which', async () => {
    expect(await migrateStore({ dataFolder, url: null })).toEqual(Object.keys(migrationsFor('sqlite')));
    expect(await migrateStore({ dataFolder, url: null })).toEqual([]);
    const store = await open();
    await expect(aPlace(store)).resolves.toBeDefined();
    await store.close();
  });

  it('run once though several processes open the same new file at the same time', async () => {
    const program = fileURLToPath(new URL('open-and-close.ts', import.meta.url));
    const open4 = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', program, dataFolder]),
    );
    const created = (await Promise.all(open4)).map(({ stdout }) => stdout.trim());
    expect(new Set(created).size).toBe(1);
    expect(Number(created[0])).toBeGreaterThan(0);
  });

  it('bring what an earlier version stored along', async () => {
    const database = openSqliteFile(dataFolder);
    const { write, close } = connectSqlite(database);
    const { '0001_initial': first } = migrationsFor('sqlite');
    if (first === undefined) throw new Error('there is a first migration');
    const migrator = new Migrator({
      db: write,
      provider: { getMigrations: async () => ({ '0001_initial': first }) },
    });
    expect((await migrator.migrateToLatest()).error).toBeUndefined();
    database.exec(`
      insert into workspace (key, name, created_at) values (1, 'root', 1);
      insert into project (key, id, workspace_key, number, name, slug, is_public, created_by_name,
        created_at, updated_at, extensions) values (1, 'p', 1, 0, 'Default', 'default', 0, 'a', 1, 1, '{}');
      insert into run (key, id, workspace_key, project_key, number, created_by_name, managed, desired_state,
        status, attempt, created_at, updated_at, version, extensions)
        values (1, 'r', 1, 1, 1, 'a', 1, 'running', 'succeeded', 1, 1, 1, 1, '{}');
      insert into status_event (run_key, attempt, status, effective, at, origin)
        values (1, 1, 'created', 1, 1, 'system');
      insert into run_spec (run_key, revision, source_dialect, source_media_type, source_text, body, created_at)
        values (1, 1, 'd', 'm', 't', '{"framework":null,"roles":[{"name":"Worker"}],"code":null}', 1);
    `);
    await close();
    const store = await open();
    const run = await store.read.runs.find('r' as RunId);
    expect(run).toMatchObject({ artifactRoot: 'r', codeRef: null, archivedAt: null });
    if (run === null) throw new Error('the run is there');
    expect(await store.read.projects.find(run.projectKey)).toMatchObject({ tags: [], purgeAt: null });
    expect(await store.read.specs.find(run.key, 1)).toMatchObject({
      namespace: null,
      roles: [{ name: 'Worker', setup: null, placement: null }],
    });
    expect(await store.read.statuses.list([run.key], { jobs: false })).toMatchObject([{ details: null }]);
    await store.close();
  });

  it('read what runs are searched by out of what was stored before', async () => {
    const database = openSqliteFile(dataFolder);
    const { write, close } = connectSqlite(database);
    await migrateToTracking('sqlite', write);
    database.exec(runsBeforeFacets);
    await close();
    const store = await open();
    await expectFacets(store);
    await store.close();
  });

  it('give the tags of projects that were stored before rows of their own', async () => {
    const database = openSqliteFile(dataFolder);
    const { write, close } = connectSqlite(database);
    await migrateToTagLists('sqlite', write);
    database.exec(projectsWithTagLists);
    await close();
    const store = await open();
    await expectProjectTags(store);
    await store.close();
  });

  it('leave nothing behind when they fail midway, and go through once the cause is gone', async () => {
    const database = openSqliteFile(dataFolder);
    database.exec('create table template (in_the_way integer)');
    await expect(open()).rejects.toThrow('template');
    const names = tables(database).map((table) => table.name);
    expect(names).toContain('template');
    expect(names).not.toContain('run');
    database.exec('drop table template');
    database.close();
    const store = await open();
    await store.close();
  });

  it('refuse a schema of a newer program, in words', async () => {
    await migrateStore({ dataFolder, url: null });
    const database = openSqliteFile(dataFolder);
    database
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('0999_later', '2030');
    database.close();
    const words = /written by a newer version of Franca .*0999_later.*use that version/;
    await expect(open()).rejects.toThrow(words);
    await expect(migrateStore({ dataFolder, url: null })).rejects.toThrow(words);
  });

  it('refuse a file that is no database', async () => {
    writeFileSync(join(dataFolder, 'franca.db'), 'this is no database'.repeat(1000));
    await expect(open()).rejects.toThrow('not a database');
  });
});
