import fc from 'fast-check';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { parseProjectFilter } from '../../../adapters/mlflow/query/filter.js';
import { parseProjectOrder } from '../../../adapters/mlflow/query/order.js';
import type { ProjectId } from '../../../src/core/ids.js';
import type { Project } from '../../../src/core/model.js';
import {
  and,
  between,
  checkFilter,
  checkOrder,
  compare,
  exists,
  type Filter,
  match,
  not,
  oneOf,
  type ProjectField,
  projectAttribute,
  projectTag,
} from '../../../src/core/query.js';
import { aPlace } from '../../conformance/store/fixtures.js';
import { useStore } from '../../conformance/store/own-store.js';
import { keys, words } from './query-arbitraries.js';
import {
  type Asked,
  holds,
  type Named,
  render,
  renderName,
  type ShownRun,
  shownValue,
  style,
} from './query-language.js';

const number = projectAttribute('number');
const created = projectAttribute('createdAt');
const any = { wildcard: 'any' } as const;

/** Each text, and what one condition of it means. */
const conditions: readonly (readonly [string, Filter<ProjectField>])[] = [
  ["name = 'a'", compare(projectAttribute('name'), 'eq', 'a')],
  ["attribute.name != 'a'", compare(projectAttribute('name'), 'ne', 'a')],
  ["`name` ILIKE '%a'", match(projectAttribute('name'), [any, 'a'], { ignoreCase: true })],
  ["experiment_id = '1'", oneOf(number, [1])],
  ["experiment_id = ' +01 '", oneOf(number, [1])],
  ["experiment_id != '-1'", not(oneOf(number, [-1]))],
  ["experiment_id IN ('1', '2')", oneOf(number, [1, 2])],
  ["experiment_id NOT IN ('99999999999999999999')", not(oneOf(number, []))],
  ['creation_time = 5', between(created, 5000, 5999)],
  ['last_update_time > -5', compare(projectAttribute('updatedAt'), 'ge', -4000)],
  ["tag.k = 'v'", compare(projectTag('k'), 'eq', 'v')],
  ["tags.`a b` LIKE 'v%'", match(projectTag('a b'), ['v', any])],
  ['tags.k IS NULL', not(exists(projectTag('k')))],
  ["tags.mlflow.note.content = 'v'", compare(projectAttribute('description'), 'eq', 'v')],
];

/** Filters that are refused, and where. */
const refused: readonly (readonly [string, number])[] = [
  [' ', 1],
  ["attributes.name = 'a'", 1],
  ["attr.name = 'a'", 1],
  ["params.k = 'v'", 1],
  ['metrics.k > 1', 1],
  ["lifecycle_stage = 'active'", 1],
  ["artifact_location = 'x'", 1],
  ["name > 'a'", 6],
  ["name IN ('a')", 6],
  ['name IS NULL', 6],
  ['name = a', 8],
  ['name = 1', 8],
  ['experiment_id = 1', 17],
  ["experiment_id = 'x'", 17],
  ["experiment_id = ''", 17],
  ["experiment_id = '1.5'", 17],
  ["experiment_id IN ('1', 'x')", 18],
  ["experiment_id > '1'", 15],
  ["experiment_id LIKE '1'", 15],
  ['creation_time > 5.5', 17],
  ['creation_time > 1e3', 17],
  ["creation_time > '5'", 17],
  ['creation_time LIKE 5', 15],
  ["tags.k > 'v'", 8],
  ["tags.k IN ('v')", 8],
  ["name = 'a' OR name = 'b'", 12],
  ["name = 'a'; DROP TABLE experiments", 11],
];

const refusedTerms: readonly (readonly [string, number])[] = [
  ['', 1],
  [' name', 1],
  ['name foo', 6],
  ['foo', 1],
  ['tags.k', 1],
  ['attributes.name', 1],
  ['metrics.k', 1],
  ['name, experiment_id', 5],
];

describe('a filter of experiments', () => {
  it.each(conditions)('%s', (text, filter) => {
    expect(parseProjectFilter(text)).toEqual(and(filter));
  });

  it.each(refused)('is refused: %s', (text, at) => {
    expect(() => parseProjectFilter(text)).toThrow(new RegExp(`^filter: at ${at}: .{10}`));
  });
});

describe('an order of experiments', () => {
  it('is the newest first, and of what its terms leave open the greatest number first', () => {
    const term = (field: ProjectField, direction: 'asc' | 'desc') => ({ field, direction });
    expect(parseProjectOrder([])).toEqual([term(created, 'desc'), term(number, 'asc')]);
    expect(parseProjectOrder(['name'])).toEqual([
      term(projectAttribute('name'), 'asc'),
      term(number, 'desc'),
    ]);
    expect(parseProjectOrder(['attribute.last_update_time desc', 'experiment_id'])).toEqual([
      term(projectAttribute('updatedAt'), 'desc'),
      term(number, 'asc'),
    ]);
  });

  it('goes by the first of two terms of one field', () => {
    expect(parseProjectOrder(['name', 'attribute.name DESC'])).toEqual(parseProjectOrder(['name']));
  });

  it.each(refusedTerms)('is refused: %j', (text, at) => {
    expect(() => parseProjectOrder([text])).toThrow(new RegExp(`^order_by\\[0\\]: at ${at}: .{10}`));
  });
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const times = [0, 999, 1_000, 1_700_000_000_000];
const plan = fc.record({
  name: fc.constantFrom(...words.filter((word) => word !== ''), 'run-1'),
  description: maybe(fc.constantFrom(...words)),
  created: fc.constantFrom(...times),
  updated: fc.constantFrom(...times),
  fraction: fc.constantFrom(0, 1, 999),
  tags: fc.dictionary(fc.constantFrom(...keys), maybe(fc.constantFrom(...words))),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

interface Stored {
  readonly project: Project;
  readonly shown: ShownRun;
}

const named = (kind: Named['kind'], ...given: readonly string[]): fc.Arbitrary<Named> =>
  fc.record({ kind: fc.constant(kind), key: fc.constantFrom(...given) });
const like = fc.constantFrom('=', '!=', 'LIKE', 'ILIKE');
const pattern = fc.constantFrom(...words, 'a%', '%B%', '_', '%_%', '%É%');
const id = fc.constantFrom('0', '1', '2', '03', '99');
const whole = fc.constantFrom('0', '999', '1000', '1700000000000', '-1', '9'.repeat(30));

const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ kind: fc.constant('text'), name: named('attribute', 'name'), operator: like, value: pattern }),
  fc.record({
    kind: fc.constant('text'),
    name: named('tag', ...keys, 'mlflow.note.content'),
    operator: like,
    value: pattern,
  }),
  fc.record({
    kind: fc.constant('there'),
    name: named('tag', ...keys, 'mlflow.note.content'),
    operator: fc.constantFrom('IS NULL', 'IS NOT NULL'),
  }),
  fc.record({
    kind: fc.constant('list'),
    name: named('attribute', 'experiment_id'),
    operator: fc.constantFrom('IN', 'NOT IN'),
    values: fc.array(id, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('number'),
    name: named('attribute', 'creation_time', 'last_update_time'),
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value: whole,
  }),
);

/** The words for kinds that experiments have are fewer than those of runs. */
const ways = style.map((how) => ({ ...how, variant: how.variant % 2 === 0 ? 1 : 4 }));

const query = fc.record({
  conditions: fc.array(fc.tuple(asked, ways), { maxLength: 2 }),
  terms: fc.uniqueArray(
    fc.record({
      name: named('attribute', 'name', 'experiment_id', 'creation_time', 'last_update_time'),
      descending: fc.boolean(),
    }),
    { maxLength: 3, selector: ({ name }) => name.key },
  ),
});

describe('filters and orders of experiments', () => {
  const store = useStore();

  async function storeProjects(plans: readonly Plan[]) {
    const { workspace } = await aPlace(store());
    const stored = await store().transaction(async (tx) => {
      const all: Stored[] = [];
      for (const { name, description, created, updated, fraction, tags } of plans) {
        const { key } = await tx.projects.insert({
          id: v7() as ProjectId,
          workspaceKey: workspace.key,
          name,
          description,
          isPublic: false,
          tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
          createdBy: { key: null, name: 'somebody' },
          createdAt: created * 1000 + fraction,
          extensions: {},
        });
        const project = await tx.projects.update(key, {}, updated * 1000 + fraction);
        all.push({ project, shown: show(project) });
      }
      return all;
    });
    return { workspace, stored };
  }

  /** The experiment as an answer shows it. */
  function show({ number, name, description, createdAt, updatedAt, tags }: Project): ShownRun {
    const shown = new Map(tags.map((tag) => [tag.key, tag.value ?? '']));
    if (description !== null) shown.set('mlflow.note.content', description);
    return {
      info: {
        name,
        experiment_id: String(number),
        creation_time: Math.floor(createdAt / 1000),
        last_update_time: Math.floor(updatedAt / 1000),
      },
      metrics: new Map(),
      params: new Map(),
      tags: shown,
    };
  }

  /** An id is compared as a number. */
  function isMeant(shown: ShownRun, condition: Asked): boolean {
    if (!('values' in condition)) return holds(shown, condition);
    return holds(shown, { ...condition, values: condition.values.map((value) => String(Number(value))) });
  }

  function sorted(found: readonly Stored[], terms: readonly { name: Named; descending: boolean }[]) {
    const ids = { name: { kind: 'attribute', key: 'experiment_id' } as const, descending: true };
    const newest = { name: { kind: 'attribute', key: 'creation_time' } as const, descending: true };
    const all = terms.length === 0 ? [newest, { ...ids, descending: false }] : [...terms, ids];
    // Times are sorted by more than is shown of them.
    const valueFor = ({ project, shown }: Stored, { key }: Named) =>
      ({
        experiment_id: project.number,
        creation_time: project.createdAt,
        last_update_time: project.updatedAt,
      })[key] ?? Buffer.from(String(shownValue(shown, { kind: 'attribute', key })));
    return [...found]
      .sort((a, b) => {
        for (const { name, descending } of all) {
          const [left, right] = [valueFor(a, name), valueFor(b, name)];
          const sign =
            typeof left === 'number' || typeof right === 'number'
              ? Math.sign(Number(left) - Number(right))
              : Buffer.compare(left, right);
          if (sign !== 0) return descending ? -sign : sign;
        }
        return 0;
      })
      .map(({ project }) => project.number);
  }

  it('find what their documentation says, one by one, in its order', async () => {
    let count = 0;
    const plans = fc.uniqueArray(plan, { minLength: 3, maxLength: 9, selector: ({ name }) => name });
    const queries = fc.array(query, { minLength: 40, maxLength: 40 });
    const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
      const { workspace, stored } = await storeProjects(plans);
      const place = await store().read.projects.findByNumber(workspace.key, 0);
      const everything = place === null ? stored : [{ project: place, shown: show(place) }, ...stored];
      for (const { conditions, terms } of queries) {
        const text = conditions.map(([condition, how]) => render(condition, how)).join(' AND ');
        const order_by = terms.map(
          ({ name, descending }) =>
            `${renderName(name, { blank: ' ', quote: "'", keyQuote: '', variant: 4 })}${descending ? ' DESC' : ''}`,
        );
        const [filter, order] = [parseProjectFilter(text), parseProjectOrder(order_by)];
        checkFilter(filter);
        checkOrder(order);
        const wanted = everything.filter(({ shown }) =>
          conditions.every(([condition]) => isMeant(shown, condition)),
        );
        const search = {
          workspaceKey: workspace.key,
          lifecycle: 'active',
          filter,
          order,
          limit: 100,
        } as const;
        const { projects } = await store().read.projects.search(search);
        expect({ text, order_by, found: projects.map((project) => project.number) }).toEqual({
          text,
          order_by,
          found: sorted(wanted, terms),
        });
        count += conditions.length > 0 ? projects.length : 0;
      }
    });
    await fc.assert(property, { numRuns: process.env.FRANCA_TEST_FULL === '1' ? 200 : 20 });
    expect(count).toBeGreaterThan(100);
  }, 300_000);
});
