import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { type CompiledQuery, Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSearch, Store } from '../../src/core/ports/index.js';
import {
  and,
  attribute,
  between,
  compare,
  dataset,
  everyModel,
  everyProject,
  everyRun,
  exists,
  type Filter,
  measurement,
  metric,
  modelAttribute,
  modelParam,
  not,
  type OrderField,
  oneOf,
  param,
  projectAttribute,
  projectTag,
  statusIn,
  tag,
} from '../../src/core/query.js';
import { openStore } from '../../src/store/open.js';
import type { Database } from '../../src/store/schema.js';
import { ReadDriver, sqliteDialect } from '../../src/store/sqlite.js';
import { aPlace, aRun, now, type Place } from '../conformance/store/fixtures.js';
import { type PlannedRead, statementsOf } from '../conformance/store/plans.js';

const newest: OrderField = attribute('createdAt');

interface PlannedSearch {
  readonly name: string;
  readonly filter: Filter;
  readonly index: RegExp;
  readonly inProject?: boolean;
  readonly order?: OrderField;
}

const lists: readonly PlannedSearch[] = [
  { name: 'the newest runs of a workspace', filter: everyRun, index: /run_list/ },
  { name: 'the newest runs of a project', filter: everyRun, inProject: true, index: /run_project / },
  { name: 'the newest runs in a status', filter: statusIn(['failed']), index: /run_status/ },
  {
    name: 'the newest runs of a project in a status',
    filter: statusIn(['failed']),
    inProject: true,
    index: /run_project_status/,
  },
];

const found: readonly PlannedSearch[] = [
  {
    name: 'the newest runs of a project that are not archived',
    filter: not(exists(attribute('archivedAt'))),
    inProject: true,
    index: /run_project /,
  },
  {
    name: 'the newest runs of a project in a status that are not archived',
    filter: and(not(exists(attribute('archivedAt'))), statusIn(['failed'])),
    inProject: true,
    index: /run_project_status /,
  },
  {
    name: 'the newest runs of a project that are in no group',
    filter: and(not(exists(attribute('archivedAt'))), not(exists(attribute('groupRef')))),
    inProject: true,
    index: /run_ungrouped/,
  },
  ...(['groupRef', 'buildRef', 'codeCommit'] as const).map((name) => ({
    name: `the newest runs of a project of one ${name}`,
    filter: and(compare(attribute(name), 'eq', 'v'), not(exists(attribute('archivedAt')))),
    inProject: true,
    index: /run_(group_ref|build_ref|code_commit) /,
  })),
];

const filters: readonly PlannedSearch[] = [
  {
    name: 'a param by text',
    filter: compare(param('k'), 'eq', 'v'),
    index: /param_text \(key=\? AND <expr>=\?/,
  },
  {
    name: 'a param by texts',
    filter: oneOf(param('k'), ['v', 'w']),
    index: /param_text \(key=\? AND <expr>=\?/,
  },
  {
    name: 'a param by number',
    filter: compare(param('k', 'number'), 'gt', 1),
    index: /param_number \(key=\? AND number>\?/,
  },
  {
    name: 'the runs of a parent',
    filter: compare(attribute('parentId'), 'eq', 'v'),
    index: /run_parent \(parent_key=\?/,
  },
  {
    name: 'a dataset by name',
    filter: compare(dataset('name'), 'eq', 'v'),
    index: /dataset_name \(name=\?[\s\S]*run_input_dataset \(dataset_key=\?/,
  },
  {
    name: 'a dataset by digests',
    filter: oneOf(dataset('digest'), ['v', 'w']),
    index: /dataset_digest \(digest=\?[\s\S]*run_input_dataset \(dataset_key=\?/,
  },
  {
    name: 'a dataset by context',
    filter: compare(dataset('context'), 'eq', 'v'),
    index: /run_input_context \(<expr>=\?/,
  },
  { name: 'a tag by value', filter: compare(tag('k'), 'eq', 'v'), index: /tag_value \(key=\? AND <expr>=\?/ },
  {
    name: 'a metric from below',
    filter: compare(metric('k'), 'lt', 1),
    index: /metric_summary_last \(key_id=\? AND last_value<\?/,
  },
  {
    name: 'a metric from above',
    filter: compare(metric('k'), 'ge', 1),
    index: /metric_summary_last \(key_id=\? AND last_value>\?/,
  },
  {
    name: 'a metric between two',
    filter: between(metric('k'), 1, 2),
    index: /metric_summary_last \(key_id=\? AND last_value>\? AND last_value<\?/,
  },
  {
    name: 'the greatest of a metric',
    filter: statusIn(['failed']),
    order: metric('k'),
    index: /metric_summary_last|SEARCH part USING PRIMARY KEY/,
  },
  {
    name: 'both',
    filter: and(compare(param('k'), 'eq', 'v'), compare(metric('k'), 'lt', 1)),
    index: /param_text.*metric_summary_last/s,
  },
];

const modelsOf = ({ project }: Place) => ({
  projectKeys: [project.key],
  lifecycle: 'active' as const,
  order: [{ field: modelAttribute('createdAt'), direction: 'desc' as const }],
  limit: 10,
});

const others: readonly PlannedRead[] = [
  {
    name: 'the trashed runs of a project',
    index: /run_trashed \(project_key=\?/,
    run: (read, { workspace, project }) =>
      read.runs.search({
        workspaceKey: workspace.key,
        projectKeys: [project.key],
        lifecycle: 'deleted',
        filter: everyRun,
        order: [{ field: newest, direction: 'desc' }],
        limit: 10,
      }),
  },
  {
    name: 'the runs of a project by their beginning',
    // No sorting behind it.
    index: /run_began \(workspace_key=\? AND project_key=\?\)\nSCAN page\n/,
    run: (read, { workspace, project }) =>
      read.runs.search({
        workspaceKey: workspace.key,
        projectKeys: [project.key],
        lifecycle: 'active',
        filter: everyRun,
        order: [
          { field: attribute('beganAt'), direction: 'desc' },
          { field: attribute('id'), direction: 'asc' },
        ],
        limit: 10,
      }),
  },
  {
    name: 'the newest projects',
    index: /project_list \(workspace_key=\?\)/,
    run: (read, { workspace }) =>
      read.projects.search({
        workspaceKey: workspace.key,
        lifecycle: 'active',
        filter: everyProject,
        order: [{ field: projectAttribute('createdAt'), direction: 'desc' }],
        limit: 10,
      }),
  },
  {
    name: 'the projects of a tag',
    index: /project_tag_value \(key=\? AND <expr>=\?/,
    run: (read, { workspace }) =>
      read.projects.search({
        workspaceKey: workspace.key,
        lifecycle: 'active',
        filter: compare(projectTag('k'), 'eq', 'v'),
        order: [],
        limit: 10,
      }),
  },
  {
    name: 'the newest models of a project',
    index: /logged_model_list \(project_key=\?\)/,
    run: (read, place) => read.loggedModels.search({ ...modelsOf(place), filter: everyModel }),
  },
  {
    name: 'the models of a source',
    index: /logged_model_source_ref \(project_key=\? AND <expr>=\?/,
    run: (read, place) =>
      read.loggedModels.search({
        ...modelsOf(place),
        filter: compare(modelAttribute('sourceRef'), 'eq', 'x'),
      }),
  },
  {
    name: 'the models of a name',
    index: /logged_model_name \(project_key=\? AND <expr>=\?/,
    run: (read, place) =>
      read.loggedModels.search({ ...modelsOf(place), filter: compare(modelAttribute('name'), 'eq', 'x') }),
  },
  {
    name: 'the models of which more was measured',
    index: /model_measurement_value \(key_id=\? AND value>\?/,
    run: (read, place) =>
      read.loggedModels.search({ ...modelsOf(place), filter: compare(measurement('acc'), 'gt', 0.5) }),
  },
  {
    name: 'the models of a param',
    index: /logged_model_param_value \(key=\? AND <expr>=\?/,
    run: (read, place) =>
      read.loggedModels.search({ ...modelsOf(place), filter: compare(modelParam('k'), 'eq', 'v') }),
  },
];

describe('the plan of a search for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'franca-plans-'));
  const logged: CompiledQuery[] = [];
  let store: Store;
  let place: Place;
  let database: BetterSqlite.Database;
  let db: Kysely<Database>;

  beforeAll(async () => {
    store = await openStore({ dataFolder: folder, url: null, now });
    place = await aPlace(store);
    await aRun(store, place.project);
    await aRun(store, place.project, { status: 'failed' });
    await aRun(store, place.project, { status: 'failed' });
    database = new BetterSqlite(join(folder, 'franca.db'), { readonly: true });
    db = new Kysely<Database>({
      dialect: sqliteDialect(new ReadDriver(database)),
      log: (event) => {
        logged.push(event.query);
      },
    });
  });

  afterAll(async () => {
    await db.destroy();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  /** The steps of the plan of a later page. */
  async function planOf({ filter, inProject = false, order = newest }: PlannedSearch): Promise<string[]> {
    const search: RunSearch = {
      workspaceKey: place.workspace.key,
      lifecycle: 'active',
      filter,
      order: [{ field: order, direction: 'desc' }],
      limit: 1,
      ...(inProject ? { projectKeys: [place.project.key] } : {}),
    };
    const { next } = await store.read.runs.search({ ...search, filter: everyRun });
    if (next === null) throw new Error('there are more runs than one');
    const read = {
      name: 'a search',
      index: /./,
      run: (repositories: Store['read']) => repositories.runs.search({ ...search, after: next }),
    };
    return stepsOf(read);
  }

  async function stepsOf(read: PlannedRead): Promise<string[]> {
    const [statement] = await statementsOf(read, { engine: 'sqlite', db, logged, place });
    return database
      .prepare<unknown[], { detail: string }>(`explain query plan ${statement?.sql}`)
      .all(...(statement?.parameters ?? []))
      .map((step) => step.detail);
  }

  it.each([...lists, ...found])('$name begins at the place in an index, without sorting', async (search) => {
    const steps = await planOf(search);
    const own = steps.find(
      (step) => step.startsWith('SEARCH run USING INDEX') || step.startsWith('SEARCH run USING COVERING'),
    );
    expect(own).toMatch(search.index);
    expect(own).toMatch(/created_at<\?/);
    expect(steps.slice(0, steps.indexOf('SCAN page')).join('\n')).not.toContain('TEMP B-TREE');
  });

  it.each(filters)('$name goes by an index', async (search) => {
    const steps = await planOf(search);
    expect(steps.join('\n')).toMatch(search.index);
    expect(steps.filter((step) => /^SCAN (?!page|value_0)/.test(step))).toEqual([]);
  });

  it.each(others)('$name goes by an index', async (read) => {
    const steps = await stepsOf(read);
    expect(steps.join('\n')).toMatch(read.index);
    expect(steps.filter((step) => /^SCAN (?!page)/.test(step))).toEqual([]);
  });
});
