import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Project } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports/index.js';
import { openStore } from '../../src/store/open.js';
import { aPlace, aPoint, aRun, newEvent, newRun, now } from '../conformance/store/fixtures.js';
import { execute } from './database.js';
import { type PostgresServer, startPostgres } from './server.js';

// These end and start the server, so they need one of their own.
describe.skipIf(Boolean(process.env.FRANCA_TEST_DB))('a PostgreSQL that fails', () => {
  let server: PostgresServer;
  let store: Store;
  let project: Project;

  beforeAll(async () => {
    server = await startPostgres(['deadlock_timeout=100ms']);
    store = await openStore({ dataFolder: '', url: server.url, now });
    ({ project } = await aPlace(store));
  });

  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  /** Resolves when the store writes again, without having been opened anew. */
  const recovers = () => vi.waitFor(() => store.ping(), { timeout: 30_000, interval: 100 });

  it('stopped and started again: "unavailable" meanwhile, and no new start of ours', async () => {
    const before = await aRun(store, project);
    await server.halt();
    const attempts = await Promise.allSettled([
      store.ping(),
      store.read.runs.find(before.id),
      aRun(store, project),
      store.read.runs.unfinished(),
    ]);
    expect(
      attempts.map((attempt) => (attempt.status === 'rejected' ? attempt.reason.code : 'answered')),
    ).toEqual(Array.from({ length: 4 }, () => 'unavailable'));
    await server.start();
    await recovers();
    expect(await store.read.runs.find(before.id)).toEqual(before);
    expect((await aRun(store, project)).key).toBeGreaterThan(before.key);
  });

  it('cutting every connection under load: nothing by halves, and all acknowledged is there', async () => {
    const stored: string[] = [];
    const failures: unknown[] = [];
    let isOver = false;
    const writer = async (): Promise<void> => {
      while (!isOver) {
        const input = newRun(project);
        try {
          await store.transaction(async (tx) => {
            const run = await tx.runs.insert(input);
            await tx.statuses.append(newEvent(run.key));
            await tx.metrics.append(run.key, [aPoint('m', 1), aPoint('n', 2)], 1);
          });
          stored.push(input.id);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const writers = Array.from({ length: 8 }, writer);
    const cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'franca'";
    for (let round = 1; round <= 5; round += 1) {
      const target = stored.length + 20;
      await vi.waitFor(() => expect(stored.length).toBeGreaterThan(target), { timeout: 30_000 });
      await execute(server.url, cut);
    }
    isOver = true;
    await Promise.all(writers);
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'unavailable' });
    await recovers();
    const runs = await store.read.runs.page({ workspaceKey: project.workspaceKey, limit: 100_000 });
    const ids = new Set<string>(runs.map((run) => run.id));
    expect(stored.filter((id) => !ids.has(id))).toEqual([]);
    const halves = await execute(
      server.url,
      `select r.key from run r where r.name = 'mnist' and r.key in (select run_key from metric_counter)
        and ((select count(*) from status_event e where e.run_key = r.key) <> 1
          or (select count(*) from metric_point p where p.run_key = r.key) <> 2)`,
    );
    expect(halves.rows).toEqual([]);
  });

  it('turned read-only: writes are "unavailable", reads answer, and it recovers', async () => {
    const run = await aRun(store, project);
    await execute(server.url, 'alter system set default_transaction_read_only = on');
    await execute(server.url, 'select pg_reload_conf()');
    await vi.waitFor(() => expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' }), {
      timeout: 10_000,
    });
    await expect(aRun(store, project)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await store.read.runs.find(run.id)).toEqual(run);
    const admin = new pg.Client({
      connectionString: server.url,
      options: '-c default_transaction_read_only=off',
    });
    await admin.connect();
    await admin.query('alter system reset default_transaction_read_only');
    await admin.query('select pg_reload_conf()');
    await admin.end();
    await recovers();
  });

  it('finding a deadlock: one is stored, the other "unavailable"', async () => {
    const [one, two] = [await aRun(store, project), await aRun(store, project)];
    let arrived = 0;
    const cross = (first: typeof one, second: typeof one) =>
      store.transaction(async (tx) => {
        await tx.runs.lock(first.key);
        arrived += 1;
        await vi.waitFor(() => expect(arrived).toBe(2));
        await tx.runs.lock(second.key);
        await tx.runs.update(second.key, { name: 'crossed' }, 1);
      });
    const results = await Promise.allSettled([cross(one, two), cross(two, one)]);
    const outcomes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'stored'));
    expect(outcomes.sort()).toEqual(['stored', 'unavailable']);
  });
});
