import { uuidToHex } from '../../../src/core/ids.js';
import { fromTags } from '../../../src/core/tag-list.js';
import type { Micros } from '../../../src/core/time.js';
import type { RelatedToRuns } from '../../../src/services/runs/related.js';
import type { RunRow, RunView } from '../../../src/services/runs/view.js';
import { extensionOf, service } from '../extensions.js';
import type {
  ExperimentAnswer,
  ExperimentDetail,
  ExperimentListQuery,
  ExperimentRow,
} from '../wire/experiment.js';
import { configOf, contentOf } from './config.js';
import { lastMetricOf } from './metrics.js';
import { projectNameOf, readableName, uniqueNameOf } from './names.js';
import { fromParams } from './params.js';
import { totalResources } from './resources.js';
import { runStatusOf } from './status.js';
import { toWireTime, toWireTimeOrNull } from './time.js';

/** A run as it stands in lists, without what a list is asked for beside. */
export function fromRun(view: RunRow, related: RelatedToRuns): ExperimentAnswer {
  const { run } = view;
  const origin = run.originKey === null ? undefined : related.origins.get(run.originKey);
  const tags = fromTags(view.tags);
  return {
    id: run.number,
    uuid: uuidToHex(run.id),
    name: run.name === null ? null : readableName(run.name),
    unique_name: uniqueNameOf(run, related) ?? String(run.number),
    user: readableName(run.createdBy.name),
    description: run.description,
    created_at: toWireTime(run.createdAt),
    updated_at: toWireTime(run.updatedAt),
    started_at: toWireTimeOrNull(run.startedAt),
    finished_at: toWireTimeOrNull(run.finishedAt),
    last_status: runStatusOf(view),
    original: origin === undefined ? null : uniqueNameOf(origin, related),
    project: projectNameOf(run, related) ?? '',
    experiment_group: run.groupRef,
    build_job: run.buildRef,
    tags: tags.length === 0 ? null : tags,
    is_clone: run.originKey !== null,
  };
}

/** A run as it stands in a list, with what the list is asked for. */
export function toRow(
  view: RunRow,
  related: RelatedToRuns,
  asked: Pick<ExperimentListQuery, 'metrics' | 'params' | 'declarations'>,
): ExperimentRow {
  const { key, backend, framework } = view.run;
  const params = fromParams(related.params.get(key) ?? []);
  return {
    ...fromRun(view, related),
    backend,
    framework,
    ...(asked.metrics === true ? { last_metric: lastMetricOf(related.summaries.get(key) ?? []) } : {}),
    ...(asked.params === true ? { params } : {}),
    ...(asked.declarations === true ? { declarations: params } : {}),
  };
}

/** A run with all that this dialect shows of it. */
export function toDetail(view: RunView, related: RelatedToRuns): ExperimentDetail {
  const { run, spec, jobs } = view;
  const params = fromParams(related.params.get(run.key) ?? []);
  const { run_env, data_refs, ttl, readme } = extensionOf(run.extensions);
  return {
    ...fromRun(view, related),
    config: spec === null ? null : configOf(spec),
    content: spec === null ? null : contentOf(spec),
    declarations: params,
    params,
    resources: spec === null ? null : totalResources(spec.roles),
    last_metric: lastMetricOf(related.summaries.get(run.key) ?? []),
    num_jobs: jobs.length,
    has_tensorboard: related.services.get(run.key)?.has(service) === true ? true : null,
    bookmarked: related.bookmarked.has(run.key),
    backend: run.backend,
    framework: run.framework,
    run_env: run_env ?? null,
    data_refs: data_refs ?? null,
    is_managed: run.managed,
    ttl: ttl ?? null,
    readme: readme ?? null,
    total_run: durationOf(run.startedAt, run.finishedAt),
  };
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** How long a run took, e.g. `1m 18s`; null until it ended. A clock that was set back does not make it negative. */
export function durationOf(startedAt: Micros | null, finishedAt: Micros | null): string | null {
  if (startedAt === null || finishedAt === null) return null;
  let rest = Math.max(0, Math.floor((finishedAt - startedAt) / 1_000_000));
  const parts: string[] = [];
  for (const [unit, seconds] of units) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}
