import type { Environment, Run } from '../../../src/core/model.js';
import type { SpecSource } from '../../../src/core/spec.js';
import { phaseOf, whyOf } from '../../../src/core/status.js';
import { fromTags, retag, toTags } from '../../../src/core/tag-list.js';
import { isoMillisOffset, type Micros } from '../../../src/core/time.js';
import type { NewManagedRun } from '../../../src/services/runs/create.js';
import { displayName } from '../../../src/services/runs/jobs.js';
import type { Respecification } from '../../../src/services/runs/replace-spec.js';
import type { RunView } from '../../../src/services/runs/view.js';
import type { ExperimentWire } from '../wire/experiment.js';
import type { ExperimentSpecInput } from '../wire/experiment-spec.js';
import { experimentIdOf } from './ids.js';
import { fromSpec } from './spec-from-core.js';
import { toSpecInput } from './spec-to-core.js';
import { experimentStatusOf } from './status.js';

/** A spec that was sent, with what it is kept as and what it refers to. */
export interface SentSpec {
  readonly body: ExperimentSpecInput;
  readonly source: SpecSource;
  /** The stored environment that it names, if it names one. */
  readonly environment: Environment | null;
}

/** The new run of a sent spec. Submarine writes names in lower case when it creates, and only then. */
export function toNewRun(
  { body, source, environment }: SentSpec,
  idempotencyKey: string | null,
): NewManagedRun {
  return {
    projectNumber: 0,
    name: body.meta.name.toLowerCase(),
    description: null,
    spec: toSpecInput(body, source, environment),
    tags: toTags(body.meta.tags ?? []),
    extensions: {},
    idempotencyKey,
  };
}

/** The whole new spec of a run. */
export function toRespecification({ body, source, environment }: SentSpec): Respecification {
  return {
    name: body.meta.name,
    spec: toSpecInput(body, source, environment),
    retag: (present) => retag(body.meta.tags ?? [], present),
  };
}

/** A run as Submarine shows it. */
export function fromRun(view: RunView, storeCreatedAtMs: number): ExperimentWire {
  const { run } = view;
  const experimentId = experimentIdOf(run.key, storeCreatedAtMs);
  const name = displayName(run);
  return {
    experimentId,
    name,
    uid: run.id,
    status: experimentStatusOf[run.status],
    ...reasonOf(run),
    acceptedTime: isoMillisOffset(run.createdAt),
    createdTime: timeOf(createdAt(view)),
    runningTime: timeOf(run.startedAt),
    finishedTime: timeOf(run.finishedAt),
    spec: fromSpec(view.spec, {
      name,
      tags: fromTags(view.tags),
      experimentId,
      framework: run.framework ?? view.spec?.framework ?? null,
      codeRef: run.codeRef,
    }),
  };
}

/** Why it is where it is: nothing, while it waits for its turn, so that what is accepted looks as the documentation has it. */
function reasonOf({ status, statusReason, statusMessage }: Run): Pick<ExperimentWire, 'reason'> {
  const reason = experimentStatusOf[status] === 'Accepted' ? null : whyOf(statusReason, statusMessage);
  return reason ? { reason } : {};
}

/** The answer to DELETE: the CLI waits for this status. */
export function fromDeletedRun(view: RunView, storeCreatedAtMs: number): ExperimentWire {
  return { ...fromRun(view, storeCreatedAtMs), status: 'Deleted' };
}

/** When the run first got its place: Submarine's "job has been created". */
function createdAt({ events }: RunView): Micros | null {
  const first = events.find(
    ({ status }) => phaseOf[status] >= phaseOf.building && phaseOf[status] <= phaseOf.starting,
  );
  return first?.at ?? null;
}

function timeOf(at: Run['startedAt']): string | null {
  return at === null ? null : isoMillisOffset(at);
}
