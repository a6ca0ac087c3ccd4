import type { CompiledQuery, Kysely } from 'kysely';
import { codeRoot } from '../../../src/core/artifact-path.js';
import type { LoggedModelKey, RunId, RunKey } from '../../../src/core/ids.js';
import type { Repositories } from '../../../src/core/ports/index.js';
import type { Engine } from '../../../src/store/engine.js';
import { createRepositories } from '../../../src/store/repositories.js';
import type { Database } from '../../../src/store/schema.js';
import type { Place } from './fixtures.js';

/** A read that must stay fast among a million runs, and the index that it must go by. */
export interface PlannedRead {
  readonly name: string;
  readonly index: RegExp;
  run(read: Repositories, place: Place): Promise<unknown>;
}

const after = { createdAt: 5, key: 5 as RunKey };
const runKeys = [1, 2, 3] as RunKey[];
const modelKeys = [1, 2, 3] as LoggedModelKey[];

/** Every read of a list or a page, and those by name. */
export const plannedReads: readonly PlannedRead[] = [
  {
    name: 'a page of a workspace',
    index: /run_list/,
    run: (read, { workspace }) => read.runs.page({ workspaceKey: workspace.key, after, limit: 10 }),
  },
  {
    name: 'a page of a project',
    index: /run_project/,
    run: (read, { workspace, project }) =>
      read.runs.page({ workspaceKey: workspace.key, projectKey: project.key, after, limit: 10 }),
  },
  {
    name: 'a page by status',
    index: /run_status/,
    run: (read, { workspace }) =>
      read.runs.page({ workspaceKey: workspace.key, statuses: ['failed'], after, limit: 10 }),
  },
  {
    name: 'a page by several statuses',
    index: /run_status/,
    run: (read, { workspace }) =>
      read.runs.page({
        workspaceKey: workspace.key,
        statuses: ['failed', 'stopped', 'running'],
        after,
        limit: 10,
      }),
  },
  {
    name: 'a page of a project by several statuses',
    index: /run_project_status/,
    run: (read, { workspace, project }) =>
      read.runs.page({
        workspaceKey: workspace.key,
        projectKey: project.key,
        statuses: ['failed', 'stopped'],
        after,
        limit: 10,
      }),
  },
  { name: 'the unfinished runs', index: /run_unfinished/, run: (read) => read.runs.unfinished() },
  {
    name: 'the unfinished runs of a project',
    index: /run_unfinished|run_number/,
    run: (read, { project }) => read.runs.unfinishedIn(project.key),
  },
  { name: 'a run by its id', index: /run_id|autoindex_run|run/, run: (read) => read.runs.find('x' as RunId) },
  { name: 'current specs', index: /run_spec/, run: (read) => read.specs.current(runKeys) },
  { name: 'jobs of runs', index: /job/, run: (read) => read.jobs.list(runKeys) },
  {
    name: 'events of runs',
    index: /status_event_run/,
    run: (read) => read.statuses.list(runKeys, { jobs: false }),
  },
  {
    name: 'events of runs and jobs',
    index: /status_event_run/,
    run: (read) => read.statuses.list(runKeys, { jobs: true }),
  },
  { name: 'attempts of a run', index: /attempt/, run: (read) => read.attempts.list(1 as RunKey) },
  { name: 'params of runs', index: /param/, run: (read) => read.params.list(runKeys) },
  {
    name: 'params by their keys',
    index: /param/,
    run: (read) => read.params.find(1 as RunKey, ['a', 'b']),
  },
  { name: 'inputs of runs', index: /run_input/, run: (read) => read.inputs.list(runKeys) },
  {
    name: 'uses of datasets',
    index: /dataset_identity/,
    run: (read, { project }) => read.inputs.uses([project.key], 10),
  },
  { name: 'tags of runs', index: /tag/, run: (read) => read.tags.list(runKeys) },
  { name: 'summaries of runs', index: /metric_summary/, run: (read) => read.metrics.summaries(runKeys) },
  {
    name: 'a page of a history',
    index: /metric_point/,
    run: (read) =>
      read.metrics.history(1 as RunKey, 'loss', {
        after: { timestampMs: 5n, timestampUs: 0, step: 3n, seq: 4 },
        limit: 10,
      }),
  },
  {
    name: 'points of a metric by time and value',
    index: /metric_point USING PRIMARY KEY|metric_point_pkey/,
    run: (read) =>
      read.metrics.sortedHistory(1 as RunKey, 'loss', {
        after: { timestampMs: 5n, timestampUs: 0, step: 3n, kind: 'finite', value: 0.5, seq: 4 },
        limit: 10,
      }),
  },
  {
    name: 'points spread over a run',
    index: /metric_point_row/,
    run: (read) => read.metrics.spread(1 as RunKey, 'loss', { from: 1, through: 9, count: 3 }),
  },
  {
    name: 'the summary of a metric',
    index: /metric_summary/,
    run: (read) => read.metrics.summary(1 as RunKey, 'loss'),
  },
  {
    name: 'a page of the rows of a run',
    index: /metric_point_row/,
    run: (read) => read.metrics.rows(1 as RunKey, { after: { row: 3, seq: 4 }, limit: 10 }),
  },
  {
    name: 'a workspace by name',
    index: /workspace_name/,
    run: (read, { workspace }) => read.accounts.findWorkspace(workspace.name),
  },
  {
    name: 'a user by name',
    index: /account_name/,
    run: (read, { user }) => read.accounts.findUser(user.name),
  },
  {
    name: 'a project by slug',
    index: /project_slug/,
    run: (read, { workspace }) => read.projects.findBySlug(workspace.key, 'default'),
  },
  {
    name: 'projects of a workspace',
    index: /project_number|project_list/,
    run: (read, { workspace }) =>
      read.projects.page({ workspaceKey: workspace.key, publicOnly: false, offset: 0, limit: 10 }),
  },
  {
    name: 'counts of runs',
    // Either has all that is counted.
    index: /run_project|run_began/,
    run: (read, { workspace, project }) => read.projects.counts(workspace.key, [project.key]),
  },
  {
    name: 'a run by number',
    index: /run_number/,
    run: (read, { project }) => read.runs.findByNumber(project.key, 1),
  },
  {
    name: 'sharers of outputs',
    index: /run_artifact_root|run_id|autoindex_run/,
    run: (read) => read.runs.sharesArtifactRoot('x' as RunId, 1 as RunKey),
  },
  {
    name: 'users of code',
    index: /run_code_root/,
    run: (read) => read.runs.usesCode(codeRoot('x'), 1 as RunKey),
  },
  {
    name: 'projects of code',
    index: /project_code_root/,
    run: (read) => read.projects.usesCode(codeRoot('x')),
  },
  {
    name: 'a part of the history of a run',
    index: /status_event_run/,
    run: (read) =>
      read.statuses.page({ runKey: 1 as RunKey, jobKey: null, statuses: ['running'], offset: 1, limit: 2 }),
  },
  {
    name: 'bookmarks',
    index: /run_bookmark/,
    run: (read, { user }) => read.bookmarks.runs(user.key, { offset: 0, limit: 10 }),
  },
  { name: 'services of runs', index: /service_run/, run: (read) => read.services.upOfRuns(runKeys) },
  {
    name: 'services of projects',
    index: /service_project|service_in_project/,
    run: (read, { project }) => read.services.upOfProjects([project.key]),
  },
  {
    name: 'a page of shown runs',
    index: /run_number/,
    run: (read, { project }) => read.services.shownRuns(project.key, 5, 10),
  },
  { name: 'params of models', index: /logged_model_param/, run: (read) => read.modelParams.list(modelKeys) },
  { name: 'tags of models', index: /logged_model_tag/, run: (read) => read.modelTags.list(modelKeys) },
  {
    name: 'the latest measurements of models',
    index: /model_latest/,
    run: (read) => read.measurements.latest(modelKeys),
  },
  { name: 'models of runs', index: /run_model/, run: (read) => read.modelLinks.list(runKeys) },
  {
    name: 'models of a project',
    index: /logged_model_list/,
    run: (read, { project }) => read.loggedModels.someOf(project.key, 10),
  },
  {
    name: 'projects with models to purge',
    index: /project_purge/,
    run: (read) => read.projects.withModelsToPurge(),
  },
  { name: 'audit events', index: /audit_event_entity/, run: (read) => read.audit.list('run 1') },
];

/** Does the read and gives the statements that it executed. `logged` is where the database's log goes. */
export async function statementsOf(
  read: PlannedRead,
  {
    engine,
    db,
    logged,
    place,
  }: { engine: Engine; db: Kysely<Database>; logged: CompiledQuery[]; place: Place },
): Promise<CompiledQuery[]> {
  logged.length = 0;
  const session = { engine, db, writable: false, failure: null };
  await read.run(
    createRepositories(session, () => 1),
    place,
  );
  return [...logged];
}
