import type { CodeRef, Extensions } from '../../core/model.js';
import type { Context } from '../context.js';
import { type ParamChange, replaceParams } from '../params/replace.js';
import { type Retag, replaceTags } from '../tags/replace.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { requireFreeName } from './free-name.js';
import { type RunView, viewRun } from './view.js';

/** What a client changes of a run beside its status and its metrics; what is not named stays. */
export interface RunChange {
  readonly name?: string | null;
  /** True to refuse a name that another run of the project has. */
  readonly uniqueName?: boolean;
  readonly description?: string | null;
  readonly codeRef?: CodeRef | null;
  readonly framework?: string | null;
  readonly backend?: string | null;
  readonly groupRef?: string | null;
  readonly buildRef?: string | null;
  readonly params?: ParamChange;
  readonly retag?: Retag;
  /** Pure: the extensions from now on, of those that there are. */
  readonly extend?: (present: Extensions) => Extensions;
}

/**
 * Changes a run, as a whole or not at all.
 *
 * @throws CoreError `conflict` for a param that is set already and may not change; `already_exists` for a name
 * that is to be unique and is taken; `not_found`, `forbidden`.
 */
export async function updateRun(ctx: Context, ref: RunRef, change: RunChange): Promise<RunView> {
  const { params, retag, extend, uniqueName = false, ...fields } = change;
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    if (uniqueName && fields.name != null && fields.name !== held.name)
      await requireFreeName(tx, held.projectKey, fields.name);
    if (params !== undefined) await replaceParams(tx, held.key, params);
    if (retag !== undefined) await replaceTags(tx, held.key, retag);
    const patch = extend === undefined ? fields : { ...fields, extensions: extend(held.extensions) };
    return viewRun(tx, await tx.runs.update(held.key, patch, clock.now()));
  });
}
