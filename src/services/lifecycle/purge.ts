import type { RunKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import { releaseCode } from '../artifacts/code.js';
import { releaseArtifacts } from '../artifacts/release.js';
import type { Ports } from '../context.js';

/**
 * Removes the logs, outputs and code of a deleted run whose jobs are gone; but not what another run still
 * needs. A repeat goes on where the last one was cut short.
 */
export async function purgeFiles(ports: Ports, run: Run): Promise<void> {
  await ports.logs.remove(run.id);
  ports.crash('purge.logsRemoved');
  await releaseArtifacts(ports, run);
  ports.crash('purge.outputsRemoved');
  if (run.codeRoot !== null) await releaseCode(ports, run.codeRoot, run.key);
  ports.crash('purge.codeRemoved');
}

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
    ports.crash('purge.beforeCommit');
  });
  ports.crash('purge.afterCommit');
}
