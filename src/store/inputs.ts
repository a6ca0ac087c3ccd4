import type { Selectable } from 'kysely';
import type { Dataset, InputTag, RunInput } from '../core/dataset.js';
import type { DatasetKey, ProjectKey, RunKey } from '../core/ids.js';
import type { InputRepository } from '../core/ports/index.js';
import { among, amongTexts } from './engine.js';
import { groupByRun } from './grouping.js';
import { holdRun } from './runs.js';
import type { Database } from './schema.js';
import { prepare, prepareRows, type Session } from './statement.js';

const insertDatasets = prepareRows(
  'dataset',
  ['project_key', 'name', 'digest', 'source_type', 'source', 'schema', 'profile'],
  (insert) => insert.onConflict((conflict) => conflict.doNothing()),
);

const selectIdentities = prepare<{
  projectKey: ProjectKey;
  names: readonly string[];
  digests: readonly string[];
}>()(({ db, engine }, given) =>
  db
    .selectFrom('dataset')
    .select(['key', 'name', 'digest'])
    .where('project_key', '=', given.projectKey)
    .where(amongTexts(engine, 'name', given.names))
    .where(amongTexts(engine, 'digest', given.digests)),
);

const insertInputs = prepareRows(
  'run_input',
  ['run_key', 'dataset_key', 'position', 'context', 'tags'],
  (insert) => insert.onConflict((conflict) => conflict.doNothing()),
);

const selectLast = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('run_input')
    .select((column) => column.fn.max('position').as('last'))
    .where('run_key', '=', given.runKey),
);

const selectInputs = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('run_input')
    .selectAll()
    .where(among(engine, 'run_key', given.runKeys))
    .orderBy('run_key')
    .orderBy('position'),
);

const selectDatasets = prepare<{ keys: readonly DatasetKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('dataset')
    .selectAll()
    .where(among(engine, 'key', given.keys)),
);

const selectUses = prepare<{ projectKeys: readonly ProjectKey[]; limit: number }>()(({ db, engine }, given) =>
  db
    .selectFrom('dataset')
    .innerJoin('run_input', 'run_input.dataset_key', 'dataset.key')
    .select(['dataset.key', 'project_key', 'name', 'digest', 'context'])
    .distinct()
    .where(among(engine, 'project_key', given.projectKeys))
    .orderBy('dataset.key')
    .orderBy('context', (order) => order.asc().nullsFirst())
    .limit(given.limit),
);

/** What runs use, in this session. */
export function createInputs(session: Session): InputRepository {
  return {
    add: (run, inputs) => add(session, run, inputs),
    async list(runKeys) {
      const rows = await selectInputs.all(session, { runKeys });
      // Runs share datasets, and these may be large: each is read once.
      const keys = [...new Set(rows.map((row) => row.dataset_key))];
      const found = keys.length === 0 ? [] : await selectDatasets.all(session, { keys });
      const datasets = new Map(found.map((row) => [row.key, toDataset(row)]));
      return groupByRun(rows, (row): RunInput => {
        const dataset = datasets.get(row.dataset_key);
        if (dataset === undefined) throw new Error('a dataset stays as long as a run uses it');
        return { dataset, context: row.context, tags: JSON.parse(row.tags) as InputTag[] };
      });
    },
    async uses(projectKeys, limit) {
      const rows = await selectUses.all(session, { projectKeys, limit });
      return rows.map(({ project_key, name, digest, context }) => ({
        projectKey: project_key,
        name,
        digest,
        context,
      }));
    },
  };
}

async function add(
  session: Session,
  run: { readonly key: RunKey; readonly projectKey: ProjectKey },
  inputs: readonly RunInput[],
): Promise<void> {
  await holdRun(session, run.key);
  // In one order everywhere, so that two transactions that add the same datasets cannot wait for each other.
  const datasets = inputs.map(({ dataset }) => dataset).sort(byIdentity);
  await insertDatasets.run(
    session,
    datasets.map(({ sourceType, ...dataset }) => ({
      project_key: run.projectKey,
      source_type: sourceType,
      ...dataset,
    })),
  );
  const stored = await selectIdentities.all(session, {
    projectKey: run.projectKey,
    names: [...new Set(datasets.map(({ name }) => name))],
    digests: [...new Set(datasets.map(({ digest }) => digest))],
  });
  const keys = new Map(stored.map((row) => [identityOf(row), row.key]));
  const last = (await selectLast.first(session, { runKey: run.key }))?.last ?? 0;
  await insertInputs.run(
    session,
    inputs.map(({ dataset, context, tags }, place) => {
      const key = keys.get(identityOf(dataset));
      if (key === undefined) throw new Error('a dataset was not stored');
      return {
        run_key: run.key,
        dataset_key: key,
        position: last + 1 + place,
        context,
        tags: JSON.stringify(tags),
      };
    }),
  );
}

function byIdentity(a: Dataset, b: Dataset): number {
  const [one, other] = [identityOf(a), identityOf(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function identityOf({ name, digest }: Pick<Dataset, 'name' | 'digest'>): string {
  return JSON.stringify([name, digest]);
}

function toDataset(row: Selectable<Database['dataset']>): Dataset {
  const { name, digest, source, schema, profile } = row;
  return { name, digest, sourceType: row.source_type, source, schema, profile };
}
