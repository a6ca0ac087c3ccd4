import { acquireServerLock } from '../../src/store/server-lock.js';

/*
 * A process that takes the lock of a data folder, says so, and lives until it is killed. It keeps nothing
 * of the lock and collects its garbage: the lock must stay all the same.
 */
acquireServerLock(process.argv[2] ?? '');
globalThis.gc?.();
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
