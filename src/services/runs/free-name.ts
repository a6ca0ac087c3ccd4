import { CoreError } from '../../core/errors.js';
import type { ProjectKey } from '../../core/ids.js';
import type { Repositories } from '../../core/ports/index.js';

/**
 * Inside a transaction that holds the project: the name itself if no run there has it, else `name-N`. N is the
 * least from 2 on that is free, if the names before it were given in this way; found in few steps, however
 * many there are.
 */
export async function freeName(tx: Repositories, projectKey: ProjectKey, name: string): Promise<string> {
  if (!(await tx.runs.hasName(projectKey, name))) return name;
  const isTaken = (count: number) => tx.runs.hasName(projectKey, `${name}-${count}`);
  let taken = 1;
  let free = 2;
  while (await isTaken(free)) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return `${name}-${free}`;
}

/**
 * Inside a transaction: nothing, if no run of the project has this name.
 *
 * @throws CoreError `already_exists`.
 */
export async function requireFreeName(tx: Repositories, projectKey: ProjectKey, name: string): Promise<void> {
  await tx.projects.lock(projectKey);
  if (!(await tx.runs.hasName(projectKey, name))) return;
  throw new CoreError({ code: 'already_exists', entity: 'run' }, `a run of the project is named ${name}`);
}
