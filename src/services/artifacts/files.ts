import { type ArtifactRoot, modelRoot, runRoot } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { LoggedModelId } from '../../core/ids.js';
import type { LoggedModel } from '../../core/logged-model.js';
import type { Run } from '../../core/model.js';
import type { Access } from '../accounts/access.js';
import type { Context, Ports } from '../context.js';
import { accessModel } from '../logged-models/find.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { releaseArtifacts } from './release.js';
import { removeFiles } from './remove-files.js';

/** Whose files are meant, as a dialect names it: a run's, or those of a logged model. */
export type FilesRef = RunRef | { readonly model: LoggedModelId };

/** The files of a run or a model. */
export interface Files {
  readonly root: ArtifactRoot;
  /**
   * After a write, which takes its time: removes what was written if its owner is on its way out for good.
   *
   * @throws CoreError `not_found` then.
   */
  confirm(): Promise<void>;
}

/**
 * The files of what is named, if the caller may read, or write, it.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` for a write to a trashed run.
 */
export async function accessFiles(ctx: Context, ref: FilesRef, access: Access): Promise<Files> {
  if ('model' in ref) return filesOfModel(ctx.ports, (await accessModel(ctx, ref.model, access)).model);
  return filesOfRun(ctx.ports, await accessRun(ctx, ref, access));
}

function filesOfRun(ports: Ports, run: Run): Files {
  return {
    root: runRoot(run.artifactRoot),
    async confirm() {
      const now = await ports.store.read.runs.findByKey(run.key);
      if (now !== null && now.purgeAt === null) return;
      await releaseArtifacts(ports, run);
      throw notFound('run');
    },
  };
}

function filesOfModel(ports: Ports, { id, projectKey }: LoggedModel): Files {
  const root = modelRoot(id);
  return {
    root,
    async confirm() {
      const { loggedModels, projects } = ports.store.read;
      const project = await projects.find(projectKey);
      if (project?.purgeAt === null && (await loggedModels.findMany([id])).size > 0) return;
      await removeFiles(ports, root, null);
      throw notFound('loggedModel');
    },
  };
}
