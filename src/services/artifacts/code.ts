import { codeRoot } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { Project } from '../../core/model.js';
import type { Unpacked, UnpackLimits } from '../../core/ports/index.js';
import type { Context, Ports } from '../context.js';
import { accessProject, type ProjectRef } from '../projects/find.js';

/** What a client may upload as code. */
export const codeLimits: UnpackLimits = { maxEntries: 10_000, maxBytes: 1024 ** 3, maxRatio: 100 };

/**
 * Takes a tar.gz as the code of a project's next runs, in the place of what was there.
 *
 * @throws CoreError `invalid` and `too_large` for an archive that is damaged, unsafe or beyond `codeLimits`,
 * and then the earlier code stays; `not_found` for the project, `forbidden`, `unavailable` without room.
 */
export async function uploadCode(
  ctx: Context,
  ref: ProjectRef,
  archive: AsyncIterable<Uint8Array>,
): Promise<Unpacked> {
  const { artifacts, store } = ctx.ports;
  const project = await accessProject(ctx, ref, 'write');
  const unpacked = await artifacts.unpack(codeRoot(project.id), archive, codeLimits);
  const now = await store.read.projects.find(project.key);
  if (now !== null && now.purgeAt === null) return unpacked;
  await releaseCode(ctx.ports, project);
  throw notFound('project');
}

/**
 * The code of a project's next runs as a tar.gz.
 *
 * @throws CoreError `not_found` for the project, or if no code was uploaded; `forbidden`.
 */
export async function archiveCode(ctx: Context, ref: ProjectRef): Promise<AsyncIterable<Uint8Array>> {
  const project = await accessProject(ctx, ref, 'read');
  if (!(await hasCode(ctx.ports, project))) throw notFound('artifact', 'no code was uploaded');
  return ctx.ports.artifacts.archive(codeRoot(project.id), null);
}

/** True if code was uploaded for the next runs of a project. */
export async function hasCode(ports: Ports, project: Pick<Project, 'id'>): Promise<boolean> {
  for await (const batch of ports.artifacts.list(codeRoot(project.id), null)) return batch.length > 0;
  return false;
}

/** Removes the code of a project that was deleted for good. */
export async function releaseCode(ports: Ports, project: Pick<Project, 'id'>): Promise<void> {
  await ports.artifacts.remove(codeRoot(project.id), null);
}
