import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { isBusy } from './errors.js';

/** Held by the one server that uses a data folder. */
export interface ServerLock {
  release(): void;
}

/** Kept alive until they are released: the garbage collector closes a handle that nobody refers to, and frees its lock. */
const held = new Set<BetterSqlite.Database>();

/**
 * Takes the data folder for this process, and makes the folder if need be. The lock is SQLite's own
 * exclusive lock on the file `server.lock`, so that the system frees it however the process ends.
 *
 * @throws Error in a user's words if another server holds it.
 */
export function acquireServerLock(dataFolder: string): ServerLock {
  mkdirSync(dataFolder, { recursive: true });
  const database = new BetterSqlite(join(dataFolder, 'server.lock'), { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new Error(
      `another Franca server uses the data folder ${dataFolder}: stop it first, or give this one another folder (FRANCA_DATA)`,
      { cause: error },
    );
  }
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
}
