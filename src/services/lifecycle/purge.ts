import type { RunKey } from '../../core/ids.js';
import type { Ports } from '../context.js';

/** Removes the rows of a deleted run, whose processes, files and logs are gone already. */
export async function purgeRun(ports: Ports, key: RunKey): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const run = await tx.runs.lock(key);
    if (run === null || run.purgeAt === null) return;
    await tx.runs.remove(key);
  });
}
