import { describe, expect, it } from 'vitest';
import { parseModelFilter } from '../../../adapters/mlflow/query/filter.js';
import { type ModelOrderTerm, parseModelOrder } from '../../../adapters/mlflow/query/model-order.js';
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
