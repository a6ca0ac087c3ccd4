import fc from 'fast-check';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { parseModelFilter } from '../../../adapters/mlflow/query/filter.js';
import { type ModelOrderTerm, parseModelOrder } from '../../../adapters/mlflow/query/model-order.js';
import { type LoggedModelId, uuidToHex } from '../../../src/core/ids.js';
import type { DatasetName, LoggedModel } from '../../../src/core/logged-model.js';
import { checkFilter, checkOrder } from '../../../src/core/query.js';
import { aPlace, aRun } from '../../conformance/store/fixtures.js';
import { useStore } from '../../conformance/store/own-store.js';
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
  const newest = isTimed ? [] : [{ name: 'creation_time', ascending: false, dataset: null }];
  const last = { name: 'model_id', ascending: true, dataset: null };
  return [...found]
    .sort((a, b) => {
      for (const { name: fieldName, ascending, dataset } of [...terms, ...newest, last]) {
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
  const store = useStore();

  async function storeModels(plans: readonly ModelPlan[]) {
    const { project } = await aPlace(store());
    const { key: runKey } = await aRun(store(), project);
    const stored: Stored[] = [];
    for (const [place, plan] of plans.entries()) {
      const at = (shift: number) => (times[(place + shift) % 2] ?? 0) * 1000 + ((place * 37) % 1000);
      const placed = { project, runKey, id: v7() as LoggedModelId, createdAt: at(0), updatedAt: at(1) };
      stored.push({ plan, model: await store().transaction((tx) => storeModel(tx, plan, placed)) });
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
        const { models } = await store().read.loggedModels.search({
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
