import { invalid } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { SpecInput } from '../../core/spec.js';
import { requireCreation } from '../accounts/access.js';
import type { Context } from '../context.js';
import { findProject, holdProject } from '../projects/find.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { insertRun, type NewRunFields } from './insert.js';
import { checkSpec } from './jobs.js';
import { type RunView, viewRun } from './view.js';

/** How a run is made of another, and what is changed. What is left out is the origin's. */
export interface Clone extends Partial<Omit<NewRunFields, 'name' | 'tags' | 'parentRef' | 'useProjectCode'>> {
  /**
   * `restart` begins afresh, `copy` with a copy of the origin's outputs, and `resume` goes on in the
   * origin's outputs themselves.
   */
  readonly kind: NonNullable<Run['originKind']>;
  readonly name: string | null;
  readonly tags: NewRunFields['tags'];
  readonly spec?: SpecInput;
  /** True: the project's uploaded code, as it is now, in the place of the origin's. */
  readonly updateCode?: boolean;
}

/**
 * The run that a clone of this kind is made of: the run itself; but to resume a run that was itself
 * resumed is to resume the first, as long as that is there.
 */
export async function originOf(read: Repositories, run: Run, kind: Clone['kind']): Promise<Run> {
  if (kind !== 'resume' || run.originKind !== 'resume' || run.originKey === null) return run;
  const first = await read.runs.findByKey(run.originKey);
  return first === null || first.deletedAt !== null ? run : first;
}

/**
 * Stores a new run, which Franca shall start, made of another in the same project.
 *
 * @throws CoreError `invalid` if neither it nor the clone has a spec that can run; `not_found`, `forbidden`.
 */
export async function cloneRun(ctx: Context, ref: RunRef, clone: Clone): Promise<RunView> {
  const { ports } = ctx;
  const found = await accessRun(ctx, ref, 'read');
  const home = await findProject(ctx, ports.store.read, { key: found.projectKey });
  await requireCreation(ctx, home);
  const view = await ports.store.transaction(async (tx) => {
    const project = await holdProject(tx, home.key);
    const origin = await holdRun(tx, (await originOf(tx, found, clone.kind)).key);
    const spec = clone.spec ?? (await specOf(tx, origin));
    if (spec === null) throw invalid('', 'the run has no spec that could be started');
    checkSpec(spec);
    const fields = {
      description: origin.description,
      extensions: origin.extensions,
      codeRef: origin.codeRef,
      framework: clone.spec?.framework ?? origin.framework,
      backend: origin.backend,
      groupRef: origin.groupRef,
      buildRef: origin.buildRef,
      params: (await tx.params.list([origin.key])).get(origin.key) ?? [],
      ...clone,
      spec,
      managed: true,
      useProjectCode: clone.updateCode ?? false,
      origin: { run: origin, kind: clone.kind },
    };
    return viewRun(tx, await insertRun(ctx, tx, project, fields, ports.clock.now()));
  });
  ports.waker.wake(view.run.key);
  return view;
}

async function specOf(read: Repositories, run: Run): Promise<SpecInput | null> {
  return run.specRevision === null ? null : read.specs.find(run.key, run.specRevision);
}
