import { modelPrefix, modelRoot } from '../../core/artifact-path.js';
import { isUuid, type LoggedModelId, type ProjectKey } from '../../core/ids.js';
import { removeFiles } from '../artifacts/remove-files.js';
import type { Ports } from '../context.js';

/** How many models are read at once. */
const batchSize = 100;

/**
 * Removes the models of a project that was deleted for good, the files of each before its row; and the project's row,
 * if they were the last of it. A repeat goes on where the last one was cut short.
 */
export async function purgeModels(ports: Ports, projectKey: ProjectKey): Promise<void> {
  const { store } = ports;
  const project = await store.read.projects.find(projectKey);
  if (project === null || project.purgeAt === null) return;
  for (;;) {
    const models = await store.read.loggedModels.someOf(projectKey, batchSize);
    for (const { key, id } of models) {
      await removeFiles(ports, modelRoot(id), null);
      await store.transaction(async (tx) => {
        // As whoever removes the last run of the project: else each would see the other's, and leave the project.
        await tx.projects.lock(projectKey);
        await tx.loggedModels.remove(key);
        await tx.projects.removeIfEmpty(projectKey);
      });
    }
    if (models.length < batchSize) return;
  }
}

/** Removes the files of models that are not there, which a killed server left. Only while nobody writes any. */
export async function removeLostModels(ports: Ports): Promise<void> {
  const { artifacts, store } = ports;
  for await (const root of artifacts.roots(modelPrefix)) {
    const id = root.slice(modelPrefix.length);
    if (!isUuid(id)) continue;
    const found = await store.read.loggedModels.findMany([id as LoggedModelId]);
    if (found.size === 0) await removeFiles(ports, root, null);
  }
}
