import { classify, type MetricPoint, type MetricSummary, pointNumber } from '../../../src/core/metrics.js';
import type { Project } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';
import { millisFromMicros } from '../../../src/core/time.js';
import type { NewProjectInput } from '../../../src/services/projects/create.js';
import type { ProjectChange } from '../../../src/services/projects/update.js';
import type { NewTrackedRun } from '../../../src/services/runs/create.js';
import type { RecordedRun } from '../../../src/services/runs/recorded.js';
import { withExtension } from '../extensions.js';
import { experimentArtifactUri } from '../translate/artifact-uri.js';
import { toWireNumber } from '../translate/metrics.js';
import { fromRun } from '../translate/run.js';
import { projectedTags, sortTags, toCodeRef } from '../translate/tags.js';
import type {
  Comparison,
  ExperimentInput,
  ExperimentPatch,
  ExperimentWire,
  RunInput,
  RunWire,
} from './wire.js';

const toTags = (tags: Readonly<Record<string, string>> | null | undefined): Tag[] =>
  Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));

/** A project as an experiment of the seed. */
export function fromProject(project: Project): ExperimentWire {
  const id = String(project.number);
  return {
    id,
    experiment_id: id,
    name: project.name,
    description: project.description,
    artifact_location: experimentArtifactUri(project),
    lifecycle_stage: project.deletedAt === null ? 'active' : 'deleted',
    tags: Object.fromEntries(project.tags.map(({ key, value }) => [key, value ?? ''])),
    created_at: millisFromMicros(project.createdAt),
    updated_at: millisFromMicros(project.updatedAt),
  };
}

export function toNewProject(input: ExperimentInput): NewProjectInput {
  const { artifact_location: artifactLocation } = input;
  return {
    name: input.name,
    description: input.description ?? null,
    isPublic: false,
    tags: toTags(input.tags),
    extensions: artifactLocation == null ? {} : withExtension({}, { artifactLocation }),
  };
}

/** What a client changes of an experiment; a tag of null goes, tags that are not named stay. */
export function toProjectChange({ name, description, tags }: ExperimentPatch): ProjectChange {
  const changed = new Map(Object.entries(tags ?? {}));
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined
      ? {}
      : {
          retag: (present) => [
            ...present.flatMap(({ key, value }) => {
              const next = changed.has(key) ? (changed.get(key) ?? null) : value;
              return changed.has(key) && next === null ? [] : [{ key, value: next }];
            }),
            ...[...changed]
              .filter(([key, value]) => value !== null && !present.some((tag) => tag.key === key))
              .map(([key, value]) => ({ key, value })),
          ],
        }),
  };
}

export function toNewRun(
  input: RunInput,
  projectNumber: number,
  { name, idempotencyKey }: { name: string; idempotencyKey: string | null },
): NewTrackedRun {
  const { fields, tags } = sortTags(toTags(input.tags));
  return {
    projectNumber,
    idempotencyKey,
    name: input.name || fields.name || name,
    description: input.description ?? fields.description ?? null,
    parentRef: fields.parentRef ?? null,
    codeRef: toCodeRef(null, fields) ?? null,
    tags,
    spec: null,
    status: 'running',
    extensions: withExtension({}, {}),
  };
}

/** Tags that the seed has fields for. */
const fieldTags = new Set<string>([projectedTags.name, projectedTags.description]);

/** A run of the seed: as in the real face, but with objects instead of lists. */
export function fromRecorded(recorded: RecordedRun): RunWire {
  const models = { model_inputs: [], model_outputs: [] };
  const { info, data } = fromRun({ ...recorded, datasets: [], models });
  return {
    id: info.run_id,
    run_id: info.run_id,
    experiment_id: info.experiment_id,
    name: info.run_name,
    description: recorded.run.description,
    status: info.status,
    lifecycle_stage: info.lifecycle_stage,
    start_time: info.start_time,
    end_time: info.end_time ?? null,
    params: Object.fromEntries(data.params.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, value])),
    tags: Object.fromEntries(
      data.tags.filter(({ key }) => !fieldTags.has(key)).map(({ key, value }) => [key, value]),
    ),
    artifact_uri: info.artifact_uri,
  };
}

/** A value that is logged; now, and at step 0, unless the client says otherwise. */
export function toPoint(
  key: string,
  value: number,
  at: { readonly step?: bigint | undefined; readonly timestamp?: bigint | undefined },
  now: number,
): MetricPoint {
  const timestampMs = at.timestamp ?? BigInt(millisFromMicros(now));
  return { key, ...classify(value), step: at.step ?? 0n, timestampMs, timestampUs: 0 };
}

function extreme(
  values: readonly { readonly run_id: string; readonly value: number | null }[],
  isBetter: (a: number, b: number) => boolean,
) {
  let best: { readonly run_id: string; readonly value: number } | null = null;
  for (const { run_id, value } of values) {
    if (value !== null && (best === null || isBetter(value, best.value))) best = { run_id, value };
  }
  return best === null ? null : { run_id: best.run_id, value: toWireNumber(best.value) };
}

const orNull = (value: number | null) => (value === null ? null : toWireNumber(value));

/** Runs side by side, with the least and the greatest value of each metric and whose they are. */
export function compare(runs: readonly RecordedRun[], metrics: readonly string[] | undefined): Comparison {
  const shown = runs.map(fromRecorded);
  const ids = shown.map(({ run_id }) => run_id);
  const summaries = new Map<string, Map<string, MetricSummary>>();
  const params = new Map<string, Record<string, string>>();
  for (const [place, one] of runs.entries()) {
    const id = ids[place] ?? '';
    for (const summary of one.summaries) {
      const ofRuns = summaries.get(summary.key) ?? new Map<string, MetricSummary>();
      summaries.set(summary.key, ofRuns.set(id, summary));
    }
    for (const { key, text } of one.params) params.set(key, { ...params.get(key), [id]: text });
  }
  const wanted = [...summaries].filter(([key]) => metrics === undefined || metrics.includes(key));
  return {
    runs: shown,
    metrics: Object.fromEntries(
      wanted.map(([key, ofRuns]) => {
        const all = [...ofRuns].map(([run_id, { min, max }]) => ({ run_id, min, max }));
        return [
          key,
          {
            runs: Object.fromEntries(
              [...ofRuns].map(([id, { last, min, max }]) => [
                id,
                { last: toWireNumber(pointNumber(last) ?? Number.NaN), min: orNull(min), max: orNull(max) },
              ]),
            ),
            min: extreme(
              all.map(({ run_id, min }) => ({ run_id, value: min })),
              (a, b) => a < b,
            ),
            max: extreme(
              all.map(({ run_id, max }) => ({ run_id, value: max })),
              (a, b) => a > b,
            ),
          },
        ];
      }),
    ),
    params: Object.fromEntries(params),
  };
}
