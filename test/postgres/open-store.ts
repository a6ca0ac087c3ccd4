import { openStore } from '../../src/store/open.js';

/** A process that opens the store of this address and closes it. */
const store = await openStore({ dataFolder: '', url: process.argv[2] ?? '', now: () => Date.now() * 1000 });
await store.close();
