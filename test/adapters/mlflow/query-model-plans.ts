import fc from 'fast-check';
import type { LoggedModelId, RunKey } from '../../../src/core/ids.js';
import type { DatasetName, LoggedModel } from '../../../src/core/logged-model.js';
import type { Project } from '../../../src/core/model.js';
import type { Repositories } from '../../../src/core/ports/index.js';
import type { Micros } from '../../../src/core/time.js';
import { aPoint } from '../../conformance/store/fixtures.js';
import { keys, words } from './query-arbitraries.js';
import type { Asked, Named } from './query-language.js';

const word = fc.constantFrom(...words);

/** The statuses of models, as answers show them; the place is the number less one. */
export const statusWords = [
  'LOGGED_MODEL_PENDING',
  'LOGGED_MODEL_READY',
  'LOGGED_MODEL_UPLOAD_FAILED',
] as const;
const statuses = ['pending', 'ready', 'failed'] as const;

const dataset = fc.record({
  name: fc.constantFrom('train', 'test'),
  digest: fc.constantFrom('d1', 'd2'),
});

/** Metrics of models are kept by time, so that the latest is never one of several. */
const measured = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('k', 'k', 'val/loss'),
    value: fc.constantFrom(-1, 0, 0.5, 1, 1e20),
    timestamp: fc.nat({ max: 20 }),
    dataset: fc.option(dataset, { freq: 3 }),
  }),
  { maxLength: 5, selector: ({ timestamp }) => timestamp },
);

/** A model as a client makes it. */
export const modelPlan = fc.record({
  name: fc.constantFrom('a', 'A', 'ab', 'é', 'o-x', 'a b', '1'),
  modelType: word,
  sourceRef: word,
  status: fc.constantFrom(0, 1, 2),
  params: fc.dictionary(fc.constantFrom(...keys), word),
  tags: fc.dictionary(fc.constantFrom(...keys), word),
  measured,
});
export type ModelPlan = typeof modelPlan extends fc.Arbitrary<infer T> ? T : never;

/** What the store is told beside the plan. */
interface Placed {
  readonly project: Project;
  readonly runKey: RunKey;
  readonly id: LoggedModelId;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

/** Stores the model as a request for it would. */
export async function storeModel(tx: Repositories, plan: ModelPlan, placed: Placed): Promise<LoggedModel> {
  const { project, runKey, id, createdAt, updatedAt } = placed;
  const { key } = await tx.loggedModels.insert({
    id,
    projectKey: project.key,
    name: plan.name,
    sourceRunKey: null,
    sourceRef: plan.sourceRef || null,
    modelType: plan.modelType || null,
    createdBy: { key: null, name: 'somebody' },
    createdAt,
    extensions: {},
  });
  const list = (entries: Readonly<Record<string, string>>) => Object.entries(entries);
  await tx.modelParams.insert(
    key,
    list(plan.params).map(([name, text]) => ({ key: name, text })),
  );
  await tx.modelTags.upsert(
    key,
    list(plan.tags).map(([name, value]) => ({ key: name, value })),
  );
  const points = plan.measured.map(({ key: metric, value, timestamp, dataset }) => ({
    ...aPoint(metric, value, { timestampMs: BigInt(timestamp) }),
    dataset,
  }));
  await tx.measurements.add(key, runKey, points);
  return tx.loggedModels.update(key, { status: statuses[plan.status] ?? 'pending' }, updatedAt);
}

const named = (kind: Named['kind'], ...given: readonly string[]): fc.Arbitrary<Named> =>
  fc.record({ kind: fc.constant(kind), key: fc.constantFrom(...given) });
const like = fc.constantFrom('=', '!=', 'LIKE', 'ILIKE');
const pattern = fc.constantFrom(...words, 'a%', '%B%', '_', '%_%', '%É%');
const sign = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');

const text = (name: fc.Arbitrary<Named>, value: fc.Arbitrary<string>): fc.Arbitrary<Asked> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('text' as const), name, operator: like, value }) },
    fc.record({
      kind: fc.constant('list' as const),
      name,
      operator: fc.constantFrom('IN', 'NOT IN'),
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
  );
const number = (name: fc.Arbitrary<Named>, value: fc.Arbitrary<string>): fc.Arbitrary<Asked> =>
  fc.record({ kind: fc.constant('number' as const), name, operator: sign, value });

const id = fc.constantFrom('@0', '@1', '@2', 'm-x', `m-${'0'.repeat(32)}`, '%', 'm-%', '%0%');

/** A condition on anything of a logged model; `@2` stands for the id of the model at place 2. */
export const askedOfModel: fc.Arbitrary<Asked> = fc.oneof(
  text(named('attribute', 'name', 'model_type', 'source_run_id'), pattern),
  text(named('attribute', 'model_id'), id),
  text(
    named('attribute', 'status'),
    fc.constantFrom(...statusWords, 'READY', 'PENDING', 'UPLOAD_FAILED', '1', '2', '3', '4', '%READY', '_'),
  ),
  { weight: 2, arbitrary: text(fc.oneof(named('param', ...keys), named('tag', ...keys)), pattern) },
  {
    weight: 3,
    arbitrary: number(
      named('metric', 'k', 'k', 'val/loss', 'none'),
      fc.constantFrom('-1', '0', '0.5', '1', '1e20', '1E400'),
    ),
  },
  number(
    named('attribute', 'creation_timestamp', 'creation_timestamp_ms', 'creation_time'),
    fc.constantFrom('0', '1700000000000', '1700000000000.5', '1700000000001', '1e300'),
  ),
  number(
    named('attribute', 'last_updated_timestamp', 'last_updated_timestamp_ms'),
    fc.constantFrom('0', '1700000000000', '1700000000001', '1e300'),
  ),
);

/** A term of an order: `metrics.k` or the name of an attribute. */
export const modelTerm = fc.oneof(
  fc.record({
    name: fc.constantFrom('metrics.k', 'metrics.val/loss', 'metrics.none'),
    ascending: fc.boolean(),
    dataset: fc.option(dataset, { freq: 1 }),
  }),
  fc.record({
    name: fc.constantFrom(
      'name',
      'model_id',
      'model_type',
      'source_run_id',
      'status',
      'creation_timestamp',
      'creation_time',
      'creation_timestamp_ms',
      'last_updated_timestamp',
    ),
    ascending: fc.boolean(),
    dataset: fc.constant(null),
  }),
);

/** What metrics are of. */
export const modelDatasets: fc.Arbitrary<readonly DatasetName[] | null> = fc.option(
  fc.uniqueArray(dataset, {
    minLength: 1,
    maxLength: 2,
    selector: ({ name, digest }) => `${name} ${digest}`,
  }),
  { freq: 1 },
);
