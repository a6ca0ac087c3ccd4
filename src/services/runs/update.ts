import type { CodeRef, Extensions, Run } from '../../core/model.js';
import type { Repositories, RunPatch } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { type ParamChange, replaceParams } from '../params/replace.js';
import { type Retag, replaceTags } from '../tags/replace.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { requireFreeName } from './free-name.js';
import { findParent, type Parent } from './parent.js';
import { type ClientReport, recordClientReport } from './report-status.js';
import { type RunView, viewRun } from './view.js';

/** What a client changes of a run beside its metrics; what is not named stays. */
export interface RunChange {
  readonly name?: string | null;
  /** True to refuse a name that another run of the project has. */
  readonly uniqueName?: boolean;
  readonly description?: string | null;
  readonly codeRef?: CodeRef | null;
  /** Pure: the state of the code from now on, of that which is known. */
  readonly recode?: (present: CodeRef | null) => CodeRef | null;
  /** The id of the run that it is a part of, in any form. */
  readonly parentRef?: string | null;
  readonly framework?: string | null;
  readonly backend?: string | null;
  readonly groupRef?: string | null;
  readonly buildRef?: string | null;
  readonly params?: ParamChange;
  readonly retag?: Retag;
  /** Pure: the extensions from now on, of those that there are. */
  readonly extend?: (present: Extensions) => Extensions;
  /** A status that is reported with it; see `reportStatus`. */
  readonly report?: ClientReport;
}

/**
 * Changes a run, as a whole or not at all.
 *
 * @throws CoreError `conflict` for a param that is set already and may not change; `already_exists` for a name
 * that is to be unique and is taken; `not_found`, `forbidden`.
 */
export async function updateRun(ctx: Context, ref: RunRef, change: RunChange): Promise<RunView> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    const now = clock.now();
    const { report, ...rest } = change;
    const updated = await tx.runs.update(held.key, await applyChange(ctx, tx, held, rest), now);
    if (report === undefined) return viewRun(tx, updated);
    return viewRun(tx, (await recordClientReport(tx, updated, report, now)).run);
  });
}

/**
 * Inside a transaction: writes what of a change of a held run lies beside its row, and gives what changes in it.
 *
 * @throws CoreError as `updateRun` does.
 */
export async function applyChange(
  ctx: Context,
  tx: Repositories,
  held: Run,
  change: Omit<RunChange, 'report'>,
): Promise<RunPatch> {
  const { params, retag, extend, recode, parentRef, uniqueName = false, ...fields } = change;
  if (uniqueName && fields.name != null && fields.name !== held.name)
    await requireFreeName(tx, held.projectKey, fields.name);
  if (params !== undefined) await replaceParams(tx, held.key, params);
  if (retag !== undefined) await replaceTags(tx, held.key, retag);
  return {
    ...fields,
    ...(recode === undefined ? {} : { codeRef: recode(held.codeRef) }),
    ...(extend === undefined ? {} : { extensions: extend(held.extensions) }),
    ...(parentRef === undefined ? {} : await parentOf(ctx, tx, held, parentRef)),
  };
}

/** No run is its own parent: what names the run itself stays a text. */
async function parentOf(ctx: Context, tx: Repositories, held: Run, ref: string | null): Promise<Parent> {
  if (ref === null) return { parentKey: null, parentRef: null };
  const parent = await findParent(tx, ctx.workspace.key, ref);
  return parent.parentKey === held.key ? { parentKey: null, parentRef: ref } : parent;
}
