import type { DatasetUse } from '../../core/dataset.js';
import { CoreError } from '../../core/errors.js';
import type { ProjectKey } from '../../core/ids.js';
import type { Project } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessProject, type ProjectRef } from '../projects/find.js';

/** Uses that one search gives. */
const useLimit = 1_000;

/** A use of a dataset in a project. */
export interface FoundDatasetUse extends DatasetUse {
  readonly project: Project;
}

/**
 * The datasets that runs of these projects use, each with every context in which it is used; 1000 at most.
 * Projects that there are not are left out.
 *
 * @throws CoreError `forbidden` if the caller may not read one of them.
 */
export async function searchDatasets(
  ctx: Context,
  refs: readonly ProjectRef[],
): Promise<readonly FoundDatasetUse[]> {
  const projects = new Map<ProjectKey, Project>();
  for (const ref of refs) {
    try {
      const project = await accessProject(ctx, ref, 'read');
      projects.set(project.key, project);
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'not_found') throw error;
    }
  }
  const uses = await ctx.ports.store.read.inputs.uses([...projects.keys()], useLimit);
  return uses.flatMap(({ projectKey, ...use }) => {
    const project = projects.get(projectKey);
    return project === undefined ? [] : [{ project, ...use }];
  });
}
