import type { Run, StatusEvent } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { attemptOfReport, type Status } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { Context } from '../context.js';
import { recordReport } from '../lifecycle/move.js';
import { accessRun, holdRun, type RunRef } from './find.js';

/** A status that a run's own client says was reached. */
export interface ClientReport {
  readonly status: Status;
  /** null: now. */
  readonly at: Micros | null;
  readonly message: string | null;
  readonly traceback: string | null;
  readonly details: StatusEvent['details'];
  /** Pure: a rule of the dialect on what may move a run that only reports here, beside the core's own. */
  readonly isLegal?: (current: Status, next: Status) => boolean;
}

/**
 * Adds a status to a run's history, and moves the run where the rules let it: a report that may not is
 * kept all the same. The end of a managed run is never its client's word; a run that only reports here
 * is opened again by a status that is no end.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function reportStatus(
  ctx: Context,
  ref: RunRef,
  input: ClientReport,
): Promise<{ run: Run; event: StatusEvent }> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) =>
    recordClientReport(tx, await holdRun(tx, found.key), input, clock.now()),
  );
}

/** Inside a transaction: the same for a run that is held. */
export async function recordClientReport(
  tx: Repositories,
  run: Run,
  { isLegal = () => true, at, ...said }: ClientReport,
  now: Micros,
): Promise<{ run: Run; event: StatusEvent }> {
  const attempt = run.managed ? run.attempt : attemptOfReport(run, said.status);
  const report = { ...said, attempt, origin: 'client', at: at ?? now, reason: null } as const;
  return recordReport(tx, run, report, isLegal, now);
}
