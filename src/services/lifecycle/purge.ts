import type { RunKey } from '../../core/ids.js';
import type { Ports } from '../context.js';

/**
 * Removes the rows of a deleted run, whose processes, files and logs are gone already; and with the last
 * run of a project that was deleted for good the project's.
 */
export async function purgeRun(ports: Ports, key: RunKey): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const found = await tx.runs.findByKey(key);
    if (found === null || found.purgeAt === null) return;
    // One purge of a project at a time, or the last two runs would each see the other and leave the project.
    await tx.projects.lock(found.projectKey);
    const run = await tx.runs.lock(key);
    if (run === null) return;
    await tx.runs.remove(key);
    await tx.projects.removeIfEmpty(run.projectKey);
  });
}
