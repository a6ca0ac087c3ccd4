import { once } from 'node:events';
import { expect, inject, it } from 'vitest';
import { createProject } from '../support/polyaxon.js';
import { startServer } from '../support/server.js';
import { createDatabase, dropDatabase, execute } from './database.js';

/** Longer than any polling would wait, and less than the 10 seconds for which the pool keeps a connection that rests. */
const quietSeconds = 8;

it('200 readers for whom nothing comes ask the database nothing', async () => {
  const admin = inject('postgresUrl');
  const url = await createDatabase(admin);
  const server = await startServer({ env: { FRANCA_DB: url, FRANCA_LOCAL_SLOTS: '1' } });
  const name = new URL(url).pathname.slice(1);
  /** True if no connection of the server's has begun a query for so long. The sweep of all runs comes each 30 s. */
  const isQuiet = async () => {
    const { rows } = await execute(
      admin,
      `select count(*) filter (where query_start > now() - interval '${quietSeconds} seconds') = 0 as quiet
       from pg_stat_activity where datname = '${name}'`,
    );
    return rows[0]?.quiet;
  };
  try {
    const project = await createProject(server.url);
    const tracked = await project.track();
    const running = await project.submit('sleep 300');
    await project.waitFor(running, 'running');
    const readers = Array.from({ length: 200 }, (_, place) =>
      project.follow(place % 2 === 0 ? tracked : running),
    );
    await Promise.all(readers.map(({ socket }) => once(socket, 'message')));
    expect(await isQuiet()).toBe(false);
    await expect.poll(isQuiet, { timeout: 60_000, interval: 250 }).toBe(true);
    // They are there still.
    await project.ask('POST', `/experiments/${tracked}/logs`, 'hello');
    const heard = readers.filter((_one, place) => place % 2 === 0);
    await expect.poll(() => heard.filter(({ lines }) => lines[0] === 'hello').length).toBe(100);
    for (const { socket } of readers) socket.terminate();
    await project.ask('DELETE', `/experiments/${running}`);
    await expect
      .poll(async () => (await execute(url, 'select 1 from run')).rows.length, { timeout: 30_000 })
      .toBe(1);
  } finally {
    await server.stop();
    await dropDatabase(admin, url);
  }
});
