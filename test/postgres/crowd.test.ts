import { expect, inject, it } from 'vitest';
import { hammerWithClients } from '../support/hammer.js';
import { startServer } from '../support/server.js';
import { createDatabase, dropDatabase, execute } from './database.js';

it('50 clients write the same metrics and params of one run: no deadlock, and all is there once', async () => {
  const url = await createDatabase(inject('postgresUrl'));
  const server = await startServer({ env: { FRANCA_DB: url } });
  try {
    await hammerWithClients(server.url, process.env.FRANCA_TEST_FULL === '1' ? 20 : 4);
    // Nothing was logged, not even a warning.
    expect(server.output()).not.toContain('"level"');
  } finally {
    await server.stop();
  }
  const { rows } = await execute(
    url,
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: 0 }]);
  await dropDatabase(inject('postgresUrl'), url);
});
