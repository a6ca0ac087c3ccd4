import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/core/ports/index.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import { connectSqlite, createStore, openSqliteFile, openStore } from '../../src/store/open.js';
import { GroupCommitDriver, sqliteDialect } from '../../src/store/sqlite.js';
import { aPlace, aRun, aSpec, newRun, now } from '../conformance/store/fixtures.js';

interface Tables {
  parent: { id: number };
  child: { parent_id: number };
  note: { text: string };
}

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-sqlite-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the driver', () => {
  let executed: string[] = [];
  let database: BetterSqlite.Database;
  let db: Kysely<Tables>;
  const outcome = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'stored',
      (error: { code?: string; message: string }) => error.code ?? error.message,
    );
  const insert = (text: string) =>
    db.transaction().execute((tx) => tx.insertInto('note').values({ text }).execute());
  const stored = () => {
    const reader = new BetterSqlite(database.name, { readonly: true });
    const texts = reader.prepare<[], { text: string }>('select text from note').all();
    reader.close();
    return texts.map(({ text }) => text);
  };
  const count = (sql: string) => executed.filter((each) => each === sql).length;

  beforeEach(() => {
    executed = [];
    database = new BetterSqlite(join(folder, 'test.db'), { verbose: (sql) => executed.push(String(sql)) });
    database.pragma('journal_mode = wal');
    database.exec(`create table note (text text not null unique);
      create table parent (id integer primary key);
      create table child (parent_id integer not null references parent (id) deferrable initially deferred)`);
    db = new Kysely<Tables>({ dialect: sqliteDialect(new GroupCommitDriver(database)) });
  });

  afterEach(async () => {
    await db.destroy();
  });

  it('commits all transactions of one turn of the event loop at once, and answers after it', async () => {
    const answers = ['a', 'b', 'c', 'd'].map((text) => insert(text).then(() => count('commit')));
    expect(await Promise.all(answers)).toEqual([1, 1, 1, 1]);
    expect(count('begin immediate')).toBe(1);
    expect(stored()).toEqual(['a', 'b', 'c', 'd']);
    await insert('e');
    expect(count('commit')).toBe(2);
  });

  it('ends a group of very many, so that nobody waits for all', async () => {
    await Promise.all(Array.from({ length: 1_200 }, (_, index) => insert(String(index))));
    expect(count('commit')).toBeGreaterThanOrEqual(3);
    expect(stored()).toHaveLength(1_200);
  });

  it('rolls back one of a group and stores the others', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('note').values({ text: 'b' }).execute();
      throw new Error('no');
    });
    expect(await Promise.all([outcome(insert('a')), outcome(failing), outcome(insert('c'))])).toEqual([
      'stored',
      'no',
      'stored',
    ]);
    expect(stored()).toEqual(['a', 'c']);
    expect(count('commit')).toBe(1);
  });

  it('lets a transaction fail at a constraint without harm to its group', async () => {
    const outcomes = await Promise.all([outcome(insert('a')), outcome(insert('a')), outcome(insert('b'))]);
    expect(outcomes).toEqual(['stored', 'SQLITE_CONSTRAINT_UNIQUE', 'stored']);
    expect(stored()).toEqual(['a', 'b']);
  });

  it('answers every caller of a group whose COMMIT fails as not available, stores nothing, and works on', async () => {
    database.pragma('foreign_keys = on');
    // A deferred foreign key is checked by COMMIT, not by the end of a savepoint.
    const orphan = db
      .transaction()
      .execute((tx) => tx.insertInto('child').values({ parent_id: 7 }).execute());
    const outcomes = await Promise.all([outcome(insert('a')), outcome(orphan), outcome(insert('c'))]);
    expect(outcomes).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(stored()).toEqual([]);
    expect(database.inTransaction).toBe(false);
    await insert('d');
    expect(stored()).toEqual(['d']);
  });

  it('answers every caller of a group that SQLite rolled back by itself as not available', async () => {
    const large = 'x'.repeat(100_000);
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 75}`);
    const callers = [insert(`1${large}`), insert(`2${large}`), insert('3')].map(outcome);
    expect(await Promise.all(callers)).toEqual(['unavailable', 'SQLITE_FULL', 'unavailable']);
    expect(stored()).toEqual([]);
    expect(database.inTransaction).toBe(false);
    database.pragma(`max_page_count = ${pages + 1_000}`);
    expect(await Promise.all([insert(`1${large}`), insert('2')].map(outcome))).toEqual(['stored', 'stored']);
  });

  it('stores nothing of a transaction that goes on after its group was lost', async () => {
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 10}`);
    const stubborn = db.transaction().execute(async (tx) => {
      await tx
        .insertInto('note')
        .values({ text: 'x'.repeat(100_000) })
        .execute()
        .catch(() => undefined);
      await tx.insertInto('note').values({ text: 'after' }).execute();
    });
    expect(await outcome(stubborn)).toBe('unavailable');
    expect(stored()).toEqual([]);
  });

  it('runs transactions one after another even if one waits for something else', async () => {
    const order: string[] = [];
    const slow = db.transaction().execute(async (tx) => {
      await tx.insertInto('note').values({ text: 'slow' }).execute();
      for (let turns = 0; turns < 5; turns += 1) await turn();
      order.push('slow');
    });
    const quick = insert('quick').then(() => order.push('quick'));
    await Promise.all([slow, quick]);
    expect(order).toEqual(['slow', 'quick']);
    expect(stored()).toEqual(['slow', 'quick']);
  });

  it('waits for another process without stopping the event loop', async () => {
    database.pragma('busy_timeout = 5');
    const other = new BetterSqlite(database.name);
    other.exec('begin immediate');
    const waiting = outcome(insert('a'));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(database.inTransaction).toBe(false);
    other.exec('rollback');
    other.close();
    expect(await waiting).toBe('stored');
  });

  it('answers those who wait when it is closed, and finishes what has begun', async () => {
    await insert('a');
    const callers = [insert('b'), insert('c')].map(outcome);
    await Promise.resolve();
    await db.destroy();
    expect(await Promise.all(callers)).toEqual(['stored', 'unavailable']);
    expect(stored()).toEqual(['a', 'b']);
    await expect(insert('d')).rejects.toThrow();
  });
});

describe('the store on a full disk', () => {
  let database: BetterSqlite.Database;
  let store: Store;

  beforeEach(async () => {
    database = openSqliteFile(folder);
    const connections = connectSqlite(database);
    await migrateToLatest(connections.write, 'sqlite');
    store = await createStore(connections, now);
  });

  afterEach(async () => {
    await store.close();
  });

  it('answers all three of a group as not available when the disk is full at the second, and recovers', async () => {
    const { project } = await aPlace(store);
    const inputs = [newRun(project), newRun(project), newRun(project)];
    const large = { ...aSpec, source: { ...aSpec.source, text: 'x'.repeat(200_000) } };
    const create = (input: (typeof inputs)[number]) =>
      store.transaction(async (tx) => {
        const run = await tx.runs.insert(input);
        await tx.specs.insert(run.key, 1, large, 1);
      });
    const before = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${before + 75}`);
    const results = await Promise.allSettled(inputs.map(create));
    expect(results.map((result) => (result.status === 'rejected' ? result.reason.code : 'stored'))).toEqual([
      'unavailable',
      'unavailable',
      'unavailable',
    ]);
    for (const input of inputs) expect(await store.read.runs.find(input.id)).toBeNull();

    database.pragma(`max_page_count = ${before + 10_000}`);
    await Promise.all(inputs.map(create));
    for (const input of inputs) expect(await store.read.runs.find(input.id)).not.toBeNull();
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('still answers reads', async () => {
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 40}`);
    const { project } = await aPlace(store);
    const fill = async (): Promise<void> => {
      for (;;) await aRun(store, project, { description: 'x'.repeat(4_000) });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(
      store.read.runs.page({ workspaceKey: project.workspaceKey, limit: 1 }),
    ).resolves.toHaveLength(1);
  });
});

describe('the database file', () => {
  it('is durable at each commit, in WAL mode, and checks foreign keys', async () => {
    const store = await openStore({ dataFolder: join(folder, 'deep', 'data'), url: null, now });
    await store.close();
    const database = openSqliteFile(join(folder, 'deep', 'data'));
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    database.close();
  });

  it('keeps its WAL small under writing and reading', async () => {
    const store = await openStore({ dataFolder: folder, url: null, now });
    const { project } = await aPlace(store);
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, () => aRun(store, project, { description: 'x'.repeat(20_000) })),
      );
      await store.read.runs.page({ workspaceKey: project.workspaceKey, limit: 100 });
    }
    const { size } = statSync(join(folder, 'franca.db-wal'));
    await store.close();
    expect(size).toBeLessThan(16 * 1024 * 1024);
  });
});
