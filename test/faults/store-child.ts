import { statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import type { RunKey } from '../../src/core/ids.js';
import type { Store } from '../../src/core/ports/index.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import { connectSqlite, createStore, openSqliteFile, openStore } from '../../src/store/open.js';
import { aPoint } from '../conformance/store/fixtures.js';

/*
 * Processes that write into a store until they are killed or their input ends. Each prints a line for
 * everything that was acknowledged, at once and before it goes on.
 */

const now = (): number => Date.now() * 1000;
const [mode = '', dataFolder = '', ...rest] = process.argv.slice(2);

/** Points of one batch. */
const batchSize = 5;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function logBatch(store: Store, runKey: RunKey, step: number): Promise<void> {
  await store.transaction(async (tx) => {
    const run = await tx.runs.lock(runKey);
    if (run === null) throw new Error('the run is gone');
    const points = Array.from({ length: batchSize }, (_, index) =>
      aPoint(`m${index}`, step, { step: BigInt(step) }),
    );
    await tx.metrics.append(runKey, points, now());
    await tx.runs.update(runKey, { heartbeatAt: now() }, now());
  });
}

/** Several callers log batches into their runs: `log <folder> <first step> <run key>…`. */
async function logBatches(): Promise<void> {
  const store = await openStore({ dataFolder, url: null, now });
  const [first, ...runKeys] = rest.map(Number);
  await Promise.all(
    runKeys.map(async (runKey) => {
      for (let step = first ?? 0; ; step += 1) {
        await logBatch(store, runKey as RunKey, step);
        say(`${runKey} ${step}`);
      }
    }),
  );
}

/** One caller logs batches, with the length of the WAL after each: `tail <folder> <run key>`. */
async function logWithWal(): Promise<void> {
  const database = openSqliteFile(dataFolder);
  database.pragma('wal_autocheckpoint = 0');
  const connections = connectSqlite(database);
  await migrateToLatest(connections.write, 'sqlite');
  const store = await createStore(connections, now);
  const runKey = Number(rest[0]) as RunKey;
  for (let step = 1; ; step += 1) {
    await logBatch(store, runKey, step);
    say(`${step} ${statSync(join(dataFolder, 'franca.db-wal')).size}`);
  }
}

/** What an admin command does, over and over until the input ends: `admin <folder>`. */
async function administrate(): Promise<void> {
  let isOver = false;
  process.stdin.on('end', () => {
    isOver = true;
  });
  process.stdin.resume();
  let stored = 0;
  while (!isOver) {
    const store = await openStore({ dataFolder, url: null, now });
    await store.transaction(async (tx) => {
      await tx.accounts.insertUser({ id: v7(), name: `u${v7()}`, isSuperuser: false, createdAt: now() });
    });
    await store.close();
    stored += 1;
  }
  say(String(stored));
}

if (mode === 'log') await logBatches();
else if (mode === 'tail') await logWithWal();
else if (mode === 'admin') await administrate();
else throw new Error(`no such mode: ${mode}`);
