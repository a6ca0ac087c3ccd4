import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openStore } from '../../src/store/open.js';
import type { OpenStore } from '../conformance/store/fixtures.js';

/** Runs one statement on a connection of its own. */
export async function execute(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Makes an empty database and gives its address. */
export async function createDatabase(server: string): Promise<string> {
  const name = `franca_${randomBytes(6).toString('hex')}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Removes a database that `createDatabase` made, whoever is connected. */
export async function dropDatabase(server: string, url: string): Promise<void> {
  await execute(server, `drop database ${new URL(url).pathname.slice(1)} with (force)`);
}

/** A store over an empty database. */
export async function openDatabase(server: string, now: () => number): Promise<OpenStore> {
  const url = await createDatabase(server);
  const open = () => openStore({ dataFolder: '/nonexistent', url, now });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await dropDatabase(server, url);
    },
  };
}
