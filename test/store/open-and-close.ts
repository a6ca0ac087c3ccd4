import { openStore } from '../../src/store/open.js';

/** A process that opens a store, prints when the database was made, and closes it. */
const store = await openStore({ dataFolder: process.argv[2] ?? '', url: null, now: () => Date.now() * 1000 });
process.stdout.write(`${store.createdAtMs}\n`);
await store.close();
