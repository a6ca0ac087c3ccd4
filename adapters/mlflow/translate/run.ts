import { parseUuid, type RunId, uuidToHex } from '../../../src/core/ids.js';
import type { MetricSummary } from '../../../src/core/metrics.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { Param, Tag } from '../../../src/core/params.js';
import { isTerminal, whyOf } from '../../../src/core/status.js';
import { millisFromMicros } from '../../../src/core/time.js';
import { exactInteger } from '../../../src/http/to-json.js';
import { runExtensionOf } from '../extensions.js';
import type { DatasetInputWire } from '../wire/dataset.js';
import type { RunWire } from '../wire/run.js';
import { runArtifactUri } from './artifact-uri.js';
import { fromPoint } from './metrics.js';
import { fromStatus } from './status.js';
import { fromTags } from './tags.js';

/** A run with all that is shown of it. */
export interface ShownRun {
  readonly run: Run;
  readonly project: Pick<Project, 'number'>;
  readonly parent: Pick<Run, 'id'> | null;
  readonly origin: Pick<Run, 'id'> | null;
  readonly tags: readonly Tag[];
  readonly params: readonly Param[];
  readonly summaries: readonly MetricSummary[];
  readonly datasets: readonly DatasetInputWire[];
  readonly models: Pick<RunWire['inputs'], 'model_inputs'> & RunWire['outputs'];
}

/** A run's id as clients write it: 32 hex digits. */
export function fromRunId(id: RunId): string {
  return uuidToHex(id);
}

/** The run that an id names; null for an id that can name none. */
export function toRunId(id: string): RunId | null {
  return parseUuid(id) as RunId | null;
}

/** The name that is shown of a run: one that has none is called by its number. */
function shownNameOf({ name, number }: Pick<Run, 'name' | 'number'>): string {
  return name ?? `run-${number}`;
}

/** When it began and ended, in milliseconds: what the client says, where the core cannot hold it. */
function timesOf(run: Run): Pick<RunWire['info'], 'start_time' | 'end_time'> {
  const extension = runExtensionOf(run);
  const start = extension?.startTime;
  const end = extension?.endTime;
  const finishedAt = isTerminal(run.status) ? run.finishedAt : null;
  return {
    start_time:
      start === undefined ? millisFromMicros(run.startedAt ?? run.createdAt) : exactInteger(BigInt(start)),
    ...(end !== undefined
      ? { end_time: exactInteger(BigInt(end)) }
      : finishedAt === null
        ? {}
        : { end_time: millisFromMicros(finishedAt) }),
  };
}

/** A run without what was logged for it. */
export function fromRunInfo(run: Run, project: Pick<Project, 'number'>): RunWire['info'] {
  const id = fromRunId(run.id);
  return {
    run_id: id,
    run_uuid: id,
    run_name: shownNameOf(run),
    experiment_id: String(project.number),
    user_id: runExtensionOf(run)?.userId ?? '',
    status: fromStatus(run.status),
    ...timesOf(run),
    artifact_uri: runArtifactUri(project, run),
    lifecycle_stage: run.deletedAt === null ? 'active' : 'deleted',
  };
}

/** Tags that tell what this dialect has no field for, unless the run has tags of these keys itself. */
function toldTags({ run, origin, tags }: ShownRun): Tag[] {
  const own = new Set(tags.map(({ key }) => key));
  const told = [
    { key: 'franca.origin', value: origin === null ? null : fromRunId(origin.id) },
    { key: 'franca.statusMessage', value: whyOf(run.statusReason, run.statusMessage) || null },
    // The client of a run of its own says this itself.
    { key: 'mlflow.user', value: runExtensionOf(run) === null ? run.createdBy.name : null },
  ];
  return told.filter(({ key, value }) => value !== null && !own.has(key));
}

/** A run as it stands in answers. */
export function fromRun(shown: ShownRun): RunWire {
  const { run, project, parent, tags, params, summaries, datasets, models } = shown;
  const projected = {
    run,
    parentId: parent === null ? null : fromRunId(parent.id),
    shownName: shownNameOf(run),
  };
  return {
    info: fromRunInfo(run, project),
    data: {
      metrics: summaries.map(({ last }) => fromPoint(last)).filter((point) => point !== null),
      params: params.map(({ key, text }) => ({ key, value: text })),
      tags: fromTags(projected, [...tags, ...toldTags(shown)]),
    },
    inputs: { dataset_inputs: [...datasets], model_inputs: models.model_inputs },
    outputs: { model_outputs: models.model_outputs },
  };
}
