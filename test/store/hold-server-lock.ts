import { acquireServerLock } from '../../src/store/server-lock.js';

/** A process that takes the lock of a data folder, says so, and lives until it is killed. */
acquireServerLock(process.argv[2] ?? '');
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
