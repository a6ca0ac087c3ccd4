import { parseUuid, type RunId, type WorkspaceKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';

/** The run that another one is a part of. */
export type Parent = Pick<Run, 'parentKey' | 'parentRef'>;

/** The parent of this id, in any form: its key, or the text that names none here, and may name one some day. */
export async function findParent(tx: Repositories, workspaceKey: WorkspaceKey, ref: string): Promise<Parent> {
  const id = parseUuid(ref);
  const parent = id === null ? null : await tx.runs.find(id as RunId);
  const home = parent === null ? null : await tx.projects.workspaceOf(parent.projectKey);
  const isHere = parent?.deletedAt === null && home === workspaceKey;
  return isHere ? { parentKey: parent.key, parentRef: null } : { parentKey: null, parentRef: ref };
}
