import { CoreError } from '../../core/errors.js';
import { freeNumber } from '../../core/free-number.js';
import type { ProjectKey } from '../../core/ids.js';
import type { Repositories } from '../../core/ports/index.js';

/**
 * Inside a transaction that holds the project: the name itself if no run there has it, else `name-N` with a free
 * number from 2 on.
 */
export async function freeName(tx: Repositories, projectKey: ProjectKey, name: string): Promise<string> {
  if (!(await tx.runs.hasName(projectKey, name))) return name;
  const free = await freeNumber(2, (count) => tx.runs.hasName(projectKey, `${name}-${count}`));
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
