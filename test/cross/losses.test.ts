import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as seedWire from '../../adapters/mlflow/seed/wire.js';
import { datasetUsed } from '../../adapters/mlflow/wire/dataset.js';
import { metricInput as mlflowMetric } from '../../adapters/mlflow/wire/metric.js';
import * as mlflowWire from '../../adapters/mlflow/wire/run.js';
import { codeRefInput } from '../../adapters/polyaxon/wire/code-ref.js';
import { experimentInput } from '../../adapters/polyaxon/wire/experiment.js';
import { metricInput } from '../../adapters/polyaxon/wire/metric.js';
import { polyaxonfileSchema } from '../../adapters/polyaxon/wire/polyaxonfile.js';
import { statusInput } from '../../adapters/polyaxon/wire/status.js';
import { experimentSpecInput } from '../../adapters/submarine/wire/experiment-spec.js';
import type { Fields, Lost, Shown } from './losses/field.js';
import { mlflowFields } from './losses/mlflow.js';
import { polyaxonFields } from './losses/polyaxon.js';
import { seedFields } from './losses/seed.js';
import { submarineFields } from './losses/submarine.js';
import { foundry } from './readers/foundry.js';
import { mlflow } from './readers/mlflow.js';
import { polyaxon } from './readers/polyaxon.js';
import { seed } from './readers/seed.js';
import { submarine } from './readers/submarine.js';
import { createPlatform, objectOf, type Platform } from './support.js';
import { namesOf } from './writers/writer.js';

const readers = { polyaxon, submarine, mlflow, seed, foundry } as const;

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

/** What every dialect shows of a run, but for what names it. */
async function views(uuid: string): Promise<Record<keyof Shown, unknown>> {
  const names = await namesOf(platform, uuid);
  const own = new RegExp(
    [
      uuid,
      uuid.replaceAll('-', ''),
      names.experimentId,
      `run-${names.number}\\b`,
      `root\\.Default\\.${names.number}\\b`,
    ].join('|'),
    'g',
  );
  const plain = (view: object): unknown =>
    JSON.parse(
      JSON.stringify(view, (key, value: unknown) => {
        if (key === 'id' && value === names.number) return 'number';
        if (key === 'updated_at') return 'then';
        if (typeof value === 'bigint') return `${value}n`;
        return Number.isNaN(value) ? 'NaN' : value;
      }).replace(own, 'itself'),
    );
  const read = async (name: keyof Shown) => [name, plain(await readers[name].read(platform, names))] as const;
  const all = [];
  for (const name of Object.keys(readers) as (keyof Shown)[]) all.push(await read(name));
  return Object.fromEntries(all) as Record<keyof Shown, unknown>;
}

/** What stands at a path such as `run.info.status`; undefined for nothing. */
function placed(view: unknown, place: string): unknown {
  return place
    .split('.')
    .reduce<unknown>((inner, key) => (inner == null ? undefined : objectOf(inner)[key]), view);
}

/** What was seen of runs in which nothing is said. */
const known = new Map<string, Record<keyof Shown, unknown>>();

const isLost = (shown: string | Lost): shown is Lost => typeof shown !== 'string';

const dialects: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  Polyaxon: polyaxonFields,
  Submarine: submarineFields,
  MLflow: mlflowFields,
  'MLflow’s seed': seedFields,
};

for (const [dialect, groups] of Object.entries(dialects)) {
  for (const [group, fields] of Object.entries(groups)) {
    describe(`what ${dialect} says of a run’s ${group} is shown where the table says, or lost`, () => {
      it.each(Object.entries(fields))('%s', async (_name, { base, make, shown }) => {
        const silent = `${dialect} ${base}`;
        const without = known.get(silent) ?? (await views(await make(platform, false)));
        known.set(silent, without);
        const said = await views(await make(platform, true));
        for (const [reader, where] of Object.entries(shown) as [keyof Shown, string | Lost][]) {
          if (isLost(where)) {
            expect({ reader, view: said[reader] }).toEqual({ reader, view: without[reader] });
            continue;
          }
          const [before, after] = [placed(without[reader], where), placed(said[reader], where)];
          expect([reader, where, after]).not.toEqual([reader, where, before]);
        }
      });
    });
  }
}

/** The fields of a table, of which one may stand for several cases. */
const namesIn = (fields: Fields) =>
  [...new Set(Object.keys(fields).map((name) => name.split(', ')[0]))].sort();

describe('no field is left out of the tables', () => {
  const { meta, spec } = experimentSpecInput.shape;
  it.each([
    ['Polyaxon’s experiments', Object.keys(experimentInput.shape), polyaxonFields.experiment],
    ['Polyaxon’s metrics', Object.keys(metricInput.shape), polyaxonFields.metrics],
    ['Polyaxon’s statuses', Object.keys(statusInput.shape), polyaxonFields.statuses],
    ['Polyaxon’s code', Object.keys(codeRefInput.shape), polyaxonFields.coderef],
    [
      'Polyaxon’s files',
      // There is one kind, of one version.
      Object.keys(polyaxonfileSchema.shape).filter((name) => name !== 'kind' && name !== 'version'),
      polyaxonFields.sections,
    ],
    ['Submarine’s meta', [...Object.keys(meta.shape), 'a key that it does not know'], submarineFields.meta],
    [
      'Submarine’s specs',
      Object.keys(experimentSpecInput.shape).filter((name) => name !== 'meta'),
      submarineFields.spec,
    ],
    ['Submarine’s tasks', Object.keys(spec.valueType.shape), submarineFields.task],
    [
      'MLflow’s runs',
      Object.keys(mlflowWire.runInput.shape).filter((name) => name !== 'experiment_id'),
      mlflowFields.run,
    ],
    [
      'MLflow’s changes',
      Object.keys(mlflowWire.runChange.shape).filter((name) => !['run_id', 'run_uuid'].includes(name)),
      mlflowFields.update,
    ],
    [
      'MLflow’s metrics',
      // These are shown with the model.
      Object.keys(mlflowMetric.shape).filter((name) => !/^(model|dataset)_/.test(name)),
      mlflowFields.metric,
    ],
    ['MLflow’s datasets', [...Object.keys(datasetUsed.shape.dataset.shape), 'tags'], mlflowFields.dataset],
    [
      'the seed’s runs',
      Object.keys(seedWire.runInput.shape).filter((name) => name !== 'experiment_id'),
      seedFields.run,
    ],
    ['the seed’s metrics', Object.keys(seedWire.metricsInput.shape), seedFields.metric],
    ['the seed’s params', Object.keys(seedWire.paramsInput.shape), seedFields.param],
    ['the seed’s ends', Object.keys(seedWire.endInput.shape), seedFields.end],
  ] as const)('of %s', (_name, keys, fields) => {
    expect(namesIn(fields)).toEqual([...keys].sort());
  });
});
