import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseModelFilter } from '../../../adapters/mlflow/query/filter.js';
import { type ModelOrderTerm, parseModelOrder } from '../../../adapters/mlflow/query/model-order.js';
import { type LoggedModelId, uuidToHex } from '../../../src/core/ids.js';
import type { DatasetName, LoggedModel } from '../../../src/core/logged-model.js';
import type { Store } from '../../../src/core/ports/index.js';
import {
  and,
  between,
  checkFilter,
  checkOrder,
  compare,
  exists,
  type Filter,
  type LoggedModelField,
  latestMeasurement,
  match,
  measurement,
  modelAttribute,
  modelParam,
  modelTag,
  noneOf,
  not,
  oneOf,
  or,
} from '../../../src/core/query.js';
import { openStore } from '../../../src/store/open.js';
import { aPlace, aRun, now } from '../../conformance/store/fixtures.js';
import { idMark } from './query-arbitraries.js';
import { type Asked, holds, render, type ShownRun, type Style } from './query-language.js';
import {
  askedOfModel,
  type ModelPlan,
  modelDatasets,
  modelPlan,
  modelTerm,
  statusWords,
  storeModel,
} from './query-model-plans.js';

const name = modelAttribute('name');
const type = modelAttribute('modelType');
const status = modelAttribute('status');
const created = modelAttribute('createdAt');
const hex = '0190a3d27e3f7c6f9f00012345678900';
const uuid = '0190a3d2-7e3f-7c6f-9f00-012345678900';
const any = { wildcard: 'any' } as const;

/** Each text, and what one condition of it means. */
const conditions: readonly (readonly [string, Filter<LoggedModelField>])[] = [
  ["name = 'a'", compare(name, 'eq', 'a')],
  ["attributes.name != 'a'", compare(name, 'ne', 'a')],
  ["`name` ilike '%a'", match(name, [any, 'a'], { ignoreCase: true })],
  ["name IN ('a', 'b')", oneOf(name, ['a', 'b'])],
  ["name NOT IN ('a')", noneOf(name, ['a'])],
  ['name = 1', compare(name, 'eq', '1')],
  ["model_type = 'a'", compare(type, 'eq', 'a')],
  ["model_type != 'a'", or(compare(type, 'ne', 'a'), not(exists(type)))],
  ["source_run_id = 'a'", compare(modelAttribute('sourceRef'), 'eq', 'a')],
  [`model_id = 'm-${hex}'`, oneOf(modelAttribute('id'), [uuid])],
  [`model_id NOT IN ('m-${hex}')`, not(oneOf(modelAttribute('id'), [uuid]))],
  [`model_id = 'm-${hex.toUpperCase()}'`, oneOf(modelAttribute('id'), [])],
  [`model_id = '${hex}'`, oneOf(modelAttribute('id'), [])],
  ["status = 'READY'", oneOf(status, ['ready'])],
  ["status = 'LOGGED_MODEL_READY'", oneOf(status, ['ready'])],
  ['status = 2', oneOf(status, ['ready'])],
  ["status != 'READY'", oneOf(status, ['pending', 'failed'])],
  ["status LIKE '%E%D%'", oneOf(status, ['pending', 'ready', 'failed'])],
  ["status IN ('PENDING', '3')", oneOf(status, ['pending', 'failed'])],
  ["status NOT IN ('PENDING', '3')", oneOf(status, ['ready'])],
  ['creation_time = 5', between(created, 5000, 5999)],
  ['creation_timestamp > 5.5', compare(created, 'ge', 6000)],
  ['attributes.creation_timestamp_ms < 1e3', compare(created, 'lt', 1_000_000)],
  ['last_updated_timestamp > -5', compare(modelAttribute('updatedAt'), 'ge', -4000)],
  ["params.k = 'v'", compare(modelParam('k'), 'eq', 'v')],
  ['params.lr = 0.10', compare(modelParam('lr'), 'eq', '0.10')],
  ["params.k IN ('v')", oneOf(modelParam('k'), ['v'])],
  ["tags.`a b` LIKE 'v%'", match(modelTag('a b'), ['v', any])],
  ["tags.mlflow.user = 'ada'", compare(modelTag('mlflow.user'), 'eq', 'ada')],
  ['metrics.k > 1', compare(measurement('k'), 'gt', 1)],
  ['metrics.`val/loss`<=.5', compare(measurement('val/loss'), 'le', 0.5)],
];

/** Filters that are refused, and where. */
const refused: readonly (readonly [string, number])[] = [
  ['   ', 1],
  ["attribute.name = 'a'", 1],
  ["attr.name = 'a'", 1],
  ["run.name = 'a'", 1],
  ["param.k = 'v'", 1],
  ["tag.k = 'v'", 1],
  ['metric.k > 1', 1],
  ["Params.k = 'v'", 1],
  ["NAME = 'a'", 1],
  ["foo = 'a'", 1],
  ["params = 'a'", 1],
  ["params. = 'a'", 8],
  ["attributes.foo = 'a'", 1],
  ['last_updated_time > 1', 1],
  ["lifecycle_stage = 'active'", 1],
  ["user_id = 'a'", 1],
  ["name > 'a'", 6],
  ["name == 'a'", 6],
  ["name <> 'a'", 6],
  ['name IS NULL', 6],
  ["name NOT LIKE 'a'", 10],
  ['name = a', 8],
  ['name =', 7],
  ['name', 5],
  ["name IN 'a'", 9],
  ['name IN ()', 10],
  ['name IN (1)', 10],
  ["name IN ('a' 'b')", 14],
  ["name IN ('a'", 13],
  ["status > '1'", 8],
  ['params.k IS NULL', 10],
  ['params.k > 1', 10],
  ["params.a b = 'v'", 10],
  ["tags.k > 'v'", 8],
  ["tags.k = 'v", 10],
  ["metrics.k = '1'", 13],
  ['metrics.k = nan', 13],
  ['metrics.k LIKE 1', 11],
  ["metrics.k IN ('1')", 11],
  ['metrics.k IS NOT NULL', 11],
  ["creation_time > '5'", 17],
  ['creation_time LIKE 5', 15],
  ["name = 'a' OR name = 'b'", 12],
  ["NOT name = 'a'", 1],
  ["(name = 'a')", 1],
  ["name = 'a'; DROP TABLE logged_models", 11],
  ["name = 'a' -- b", 12],
  [`params.\`${'k'.repeat(10_001)}\` = 'v'`, 1],
  [`name = '${'a'.repeat(10_001)}'`, 8],
  [`name LIKE '${'%'.repeat(51)}'`, 11],
];

const refusedTerms: readonly string[] = [
  'foo',
  ' name',
  'name ',
  'name DESC',
  '`name`',
  'Name',
  'attributes.name',
  'params.k',
  'tags.k',
  'metric.k',
  'metrics',
  'last_updated_time',
  `metrics.${'k'.repeat(10_001)}`,
];

const ordered = (fieldName: string, { ascending = true, dataset = null }: Partial<ModelOrderTerm> = {}) => ({
  name: fieldName,
  ascending,
  dataset,
});

describe('a filter of logged models', () => {
  it.each(conditions)('%s', (text, filter) => {
    expect(parseModelFilter(text, null)).toEqual(and(filter));
  });

  it.each(refused)('is refused: %s', (text, at) => {
    expect(() => parseModelFilter(text, null)).toThrow(new RegExp(`^filter: at ${at}: .{10}`));
  });

  it('asks for metrics on the datasets that are given', () => {
    const datasets = [{ name: 'train', digest: 'd' }];
    expect(parseModelFilter('metrics.k > 1', datasets)).toEqual(
      and(compare(measurement('k', datasets), 'gt', 1)),
    );
  });

  it('takes models with any metric on these if it asks for none', () => {
    const datasets = [{ name: 'train', digest: null }];
    const measured = exists<LoggedModelField>(measurement(null, datasets));
    expect(parseModelFilter('', datasets)).toEqual(and(measured));
    expect(parseModelFilter("name = 'a'", datasets)).toEqual(and(measured, compare(name, 'eq', 'a')));
  });

  it('may not be larger than the search takes', () => {
    const many = (count: number) => Array.from({ length: count }, () => "tags.k = 'v'").join(' AND ');
    const datasets = [{ name: 'train', digest: null }];
    checkFilter(parseModelFilter(many(49), datasets));
    expect(() => parseModelFilter(many(50), datasets)).toThrow(/^filter: at 834: .*too many/);
    checkFilter(parseModelFilter(many(50), null));
    expect(() => parseModelFilter(many(51), null)).toThrow(/^filter: at 851: .*too many/);
  });
});

describe('an order of logged models', () => {
  const newest = { field: created, direction: 'desc' };
  const byId = { field: modelAttribute('id'), direction: 'asc' };

  it('is the newest first, and then by the id', () => {
    expect(parseModelOrder([])).toEqual([newest, byId]);
  });

  it('takes the key of a metric as it is', () => {
    const dataset = { name: 'train', digest: null };
    expect(
      parseModelOrder([ordered('metrics.a b.`c`', { ascending: false }), ordered('metrics.k', { dataset })]),
    ).toEqual([
      { field: latestMeasurement('a b.`c`'), direction: 'desc' },
      { field: latestMeasurement('k', [dataset]), direction: 'asc' },
      newest,
      byId,
    ]);
  });

  it('goes by the first of two terms of one field', () => {
    expect(
      parseModelOrder([ordered('creation_time'), ordered('creation_timestamp_ms', { ascending: false })]),
    ).toEqual([{ field: created, direction: 'asc', missing: 'first' }, byId]);
  });

  it('may not be longer than the search takes', () => {
    const many = (count: number) => Array.from({ length: count }, (_, place) => ordered(`metrics.k${place}`));
    checkOrder(parseModelOrder(many(14)));
    expect(() => parseModelOrder(many(15))).toThrow(/^order_by\[14\].field_name: at 1: .*too many/);
  });

  it.each(refusedTerms)('is refused: %j', (text) => {
    expect(() => parseModelOrder([ordered('name'), ordered(text)])).toThrow(
      /^order_by\[1\].field_name: at 1: .{10}/,
    );
  });
});

interface Stored {
  readonly model: LoggedModel;
  readonly plan: ModelPlan;
}

const marked = (text: string, ids: readonly string[]) =>
  text.replaceAll(idMark, (_mark, place: string) => ids[Number(place)] ?? 'none');
const idOf = ({ model }: Stored) => `m-${uuidToHex(model.id)}`;
const times = [1_700_000_000_000, 1_700_000_000_001];
const isOn = (datasets: readonly DatasetName[] | null) => (measured: ModelPlan['measured'][number]) =>
  datasets === null ||
  datasets.some(
    ({ name: set, digest }) => measured.dataset?.name === set && measured.dataset.digest === digest,
  );

/** The models as answers show them: for a condition on a metric, once for each value; for a status, each spelling. */
function shownFor(stored: Stored, asked: Asked, datasets: readonly DatasetName[] | null): ShownRun[] {
  const { model, plan } = stored;
  const word = statusWords[plan.status] ?? '';
  const millis = (micros: number) => Math.floor(micros / 1000);
  const info = {
    name: plan.name,
    model_id: idOf(stored),
    model_type: plan.modelType,
    source_run_id: plan.sourceRef,
    status: word,
    creation_timestamp: millis(model.createdAt),
    creation_timestamp_ms: millis(model.createdAt),
    creation_time: millis(model.createdAt),
    last_updated_timestamp: millis(model.updatedAt),
    last_updated_timestamp_ms: millis(model.updatedAt),
  };
  const [params, tags] = [plan.params, plan.tags].map((entries) => new Map(Object.entries(entries)));
  if (params === undefined || tags === undefined) throw new Error('there are two');
  const shown = { info, metrics: new Map(), params, tags };
  if (asked.name.key === 'status' && asked.name.kind === 'attribute')
    return [word, word.replace('LOGGED_MODEL_', ''), `${plan.status + 1}`].map((spelling) => ({
      ...shown,
      info: { ...info, status: spelling },
    }));
  if (asked.name.kind === 'metric')
    return plan.measured
      .filter(({ key }) => key === asked.name.key)
      .filter(isOn(datasets))
      .map(({ key, value }) => ({ ...shown, metrics: new Map([[key, value]]) }));
  return [shown];
}

/** What is denied of a status is denied of all its spellings. */
function isMeant(stored: Stored, asked: Asked, datasets: readonly DatasetName[] | null): boolean {
  const shown = shownFor(stored, asked, datasets);
  const isDenied = asked.name.key === 'status' && ['!=', 'NOT IN'].includes(asked.operator);
  return isDenied ? shown.every((one) => holds(one, asked)) : shown.some((one) => holds(one, asked));
}

function sorted(found: readonly Stored[], terms: readonly ModelOrderTerm[]): readonly string[] {
  const isTimed = terms.some(({ name: fieldName }) => fieldName.startsWith('creation_'));
  const newest = isTimed ? [] : [ordered('creation_time', { ascending: false })];
  return [...found]
    .sort((a, b) => {
      for (const { name: fieldName, ascending, dataset } of [...terms, ...newest, ordered('model_id')]) {
        const [left, right] = [a, b].map((each) => valueFor(each, fieldName, dataset));
        if ((left === undefined) !== (right === undefined)) return left === undefined ? 1 : -1;
        const sign = left === undefined || right === undefined ? 0 : signOf(left, right);
        if (sign !== 0) return ascending ? sign : -sign;
      }
      return 0;
    })
    .map(idOf);
}

/** Times are sorted by more than is shown of them, statuses by their numbers, and metrics by the latest value. */
function valueFor(
  stored: Stored,
  fieldName: string,
  dataset: DatasetName | null,
): string | number | undefined {
  const { model, plan } = stored;
  if (fieldName.startsWith('creation_')) return model.createdAt;
  if (fieldName.startsWith('last_')) return model.updatedAt;
  if (fieldName === 'status') return plan.status;
  const known: Readonly<Record<string, string>> = {
    name: plan.name,
    model_id: idOf(stored),
    model_type: plan.modelType,
    source_run_id: plan.sourceRef,
  };
  if (known[fieldName] !== undefined) return known[fieldName];
  return plan.measured
    .filter(({ key }) => `metrics.${key}` === fieldName)
    .filter(isOn(dataset === null ? null : [dataset]))
    .toSorted((a, b) => a.timestamp - b.timestamp)
    .at(-1)?.value;
}

function signOf(a: string | number, b: string | number): number {
  if (typeof a === 'string' || typeof b === 'string')
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  return Math.sign(a - b);
}

/** The kinds have one word each here: these are the variants that write it. */
const ways = fc.record<Style>({
  blank: fc.constantFrom(' ', '\t', '\n'),
  quote: fc.constantFrom("'", '"'),
  keyQuote: fc.constantFrom('', '`'),
  variant: fc.constantFrom(0, 20, 24, 44),
});

const query = fc.record({
  conditions: fc.array(fc.tuple(askedOfModel, ways), { maxLength: 2 }),
  datasets: modelDatasets,
  terms: fc.uniqueArray(modelTerm, {
    maxLength: 3,
    selector: ({ name: fieldName, dataset }) =>
      `${fieldName.startsWith('creation_') ? 'created' : fieldName} ${JSON.stringify(dataset)}`,
  }),
});

describe('filters and orders of logged models', () => {
  const folder = mkdtempSync(join(tmpdir(), 'franca-query-'));
  let store: Store;

  beforeAll(async () => {
    store = await openStore({ dataFolder: folder, url: null, now });
  });

  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function storeModels(plans: readonly ModelPlan[]) {
    const { project } = await aPlace(store);
    const { key: runKey } = await aRun(store, project);
    const stored: Stored[] = [];
    for (const [place, plan] of plans.entries()) {
      const at = (shift: number) => (times[(place + shift) % 2] ?? 0) * 1000 + ((place * 37) % 1000);
      const placed = { project, runKey, id: v7() as LoggedModelId, createdAt: at(0), updatedAt: at(1) };
      stored.push({ plan, model: await store.transaction((tx) => storeModel(tx, plan, placed)) });
    }
    return { project, stored };
  }

  it('find what their documentation says, one by one, in its order', async () => {
    let count = 0;
    const plans = fc.array(modelPlan, { minLength: 4, maxLength: 10 });
    const queries = fc.array(query, { minLength: 60, maxLength: 60 });
    const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
      const { project, stored } = await storeModels(plans);
      const ids = stored.map(idOf);
      for (const { conditions, datasets, terms } of queries) {
        const meant = conditions.map(([asked]) => JSON.parse(marked(JSON.stringify(asked), ids)) as Asked);
        const text = conditions.map(([asked, how]) => marked(render(asked, how), ids)).join(' AND ');
        const [filter, order] = [parseModelFilter(text, datasets), parseModelOrder(terms)];
        checkFilter(filter);
        checkOrder(order);
        const isOfMetrics = meant.some((asked) => asked.name.kind === 'metric');
        const wanted = stored.filter(
          (each) =>
            (datasets === null || isOfMetrics || each.plan.measured.some(isOn(datasets))) &&
            meant.every((asked) => isMeant(each, asked, datasets)),
        );
        const { models } = await store.read.loggedModels.search({
          projectKeys: [project.key],
          lifecycle: 'active',
          filter,
          order,
          limit: 100,
        });
        const found = models.map(({ id }) => `m-${uuidToHex(id)}`);
        expect({ text, datasets, terms, found }).toEqual({
          text,
          datasets,
          terms,
          found: sorted(wanted, terms),
        });
        count += conditions.length > 0 ? models.length : 0;
      }
    });
    await fc.assert(property, { numRuns: process.env.FRANCA_TEST_FULL === '1' ? 200 : 15 });
    expect(count).toBeGreaterThan(100);
  }, 300_000);
});
