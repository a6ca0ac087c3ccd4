import { type ArtifactRoot, codePrefix, codeRoot } from '../../core/artifact-path.js';
import { CoreError, notFound } from '../../core/errors.js';
import type { RunKey } from '../../core/ids.js';
import type { Project } from '../../core/model.js';
import type { Unpacked, UnpackLimits } from '../../core/ports/index.js';
import type { Context, Ports } from '../context.js';
import { accessProject, holdProject, type ProjectRef } from '../projects/find.js';

/** What a client may upload as code. */
export const codeLimits: UnpackLimits = { maxEntries: 10_000, maxBytes: 1024 ** 3, maxRatio: 100 };

/**
 * Takes a tar.gz as the code of a project's next runs, in the place of what was there. Runs that were
 * created before keep the code that they have.
 *
 * @throws CoreError `invalid` and `too_large` for an archive that is damaged, unsafe or beyond `codeLimits`,
 * and then the earlier code stays; `not_found` for the project, `forbidden`, `unavailable` without room.
 */
export async function uploadCode(
  ctx: Context,
  ref: ProjectRef,
  archive: AsyncIterable<Uint8Array>,
): Promise<Unpacked> {
  const { artifacts, ids } = ctx.ports;
  const project = await accessProject(ctx, ref, 'write');
  const root = codeRoot(ids.uuid());
  const unpacked = await artifacts.unpack(root, archive, codeLimits);
  const replaced = await nameCode(ctx, project, root);
  if (replaced !== null) await releaseCode(ctx.ports, replaced);
  return unpacked;
}

/** Makes a root the project's code, and gives the one before. */
async function nameCode(ctx: Context, project: Project, root: ArtifactRoot): Promise<ArtifactRoot | null> {
  const { artifacts, clock, store } = ctx.ports;
  try {
    return await store.transaction(async (tx) => {
      const held = await holdProject(tx, project.key);
      await tx.projects.update(held.key, { codeRoot: root }, clock.now());
      return held.codeRoot;
    });
  } catch (error) {
    // After any other error it may be stored all the same; if it is not, the next start finds the root.
    const isGone = error instanceof CoreError && (error.code === 'not_found' || error.code === 'trashed');
    if (isGone) await artifacts.remove(root, null);
    throw error;
  }
}

/**
 * The code of a project's next runs as a tar.gz.
 *
 * @throws CoreError `not_found` for the project, or if no code was uploaded; `forbidden`.
 */
export async function archiveCode(ctx: Context, ref: ProjectRef): Promise<AsyncIterable<Uint8Array>> {
  const project = await accessProject(ctx, ref, 'read');
  if (project.codeRoot === null) throw notFound('artifact', 'no code was uploaded');
  return ctx.ports.artifacts.archive(project.codeRoot, null);
}

/**
 * Removes code that no project, and no run but this one, has any more. Nothing can take it up again: a new
 * run has its code from its project, or from a run that is there and keeps it.
 */
export async function releaseCode(
  ports: Ports,
  root: ArtifactRoot,
  except: RunKey | null = null,
): Promise<void> {
  const { projects, runs } = ports.store.read;
  if ((await projects.usesCode(root)) || (await runs.usesCode(root, except))) return;
  await ports.artifacts.remove(root, null);
}

/** Removes the code that a killed server left without an owner. Only while nobody uploads any. */
export async function releaseLostCode(ports: Ports): Promise<void> {
  for await (const root of ports.artifacts.roots(codePrefix)) await releaseCode(ports, root);
}
