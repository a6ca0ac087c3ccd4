import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery, parseSort } from '../../../adapters/polyaxon/query.js';
import type { Project, Run, User } from '../../../src/core/model.js';
import type { Repositories } from '../../../src/core/ports/index.js';
import { checkFilter } from '../../../src/core/query.js';
import type { Status } from '../../../src/core/status.js';
import { aPlace, aPoint, aProject, newEvent, newRun, now } from '../../conformance/store/fixtures.js';
import { useStore } from '../../conformance/store/own-store.js';
import {
  asked,
  numerals,
  ownerMark,
  references,
  seconds,
  truths,
  userMark,
  words,
} from './query-arbitraries.js';
import { type Asked, holds, isNumber, render, type ShownRun, style } from './query-language.js';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const word = fc.constantFrom(...words);
const reference = fc.constantFrom(...references);
const paramText = fc.constantFrom(...words, ...numerals, ...truths);
const time = fc
  .tuple(fc.constantFrom(...seconds), fc.constantFrom('000000', '000000', '999999'))
  .map((parts) => parts.join('.'));
const event = fc.record({
  status: fc.constantFrom<Status>('created', 'running', 'stopping', 'warning', 'unknown'),
  effective: fc.boolean(),
});

const plan = fc.record({
  name: maybe(word),
  description: maybe(word),
  user: fc.constantFrom('ada', 'Bob', null),
  inSecondProject: fc.boolean(),
  status: fc.constantFrom<Status>(
    'created',
    'queued',
    'running',
    'stopping',
    'stopping',
    'succeeded',
    'stopped',
  ),
  events: fc.array(event, { maxLength: 3 }),
  group: maybe(reference),
  build: maybe(reference),
  backend: maybe(word),
  framework: maybe(word),
  commit: maybe(word),
  created: time,
  updated: time,
  started: maybe(time),
  finished: maybe(time),
  params: fc.dictionary(fc.constantFrom('k', 'a.b'), paramText),
  tags: fc.dictionary(
    fc.constantFrom('k', 'a', 'b', 'ab', 'k=v', 'mlflow.a'),
    maybe(fc.constantFrom('', 'v', 'w', 'v=w')),
  ),
  metrics: fc.dictionary(
    fc.constantFrom('k', 'a.b'),
    fc.constantFrom(-1, 0, 0.01, 0.5, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  ),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** From the text of a list to what is stored. */
const micros = (text: string) =>
  Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`) * 1000 + Number(text.slice(20));

interface Home {
  readonly project: Project;
  readonly user: User;
  readonly owner: string;
}

const owned = (text: string | null, { owner }: Home) => text?.replaceAll(ownerMark, owner) ?? null;

async function storeRun(tx: Repositories, given: Plan, home: Home): Promise<Run> {
  const { name, description, backend, framework, commit, status } = given;
  const { user } = home;
  const run = await tx.runs.insert(
    newRun(home.project, {
      name,
      description,
      backend,
      framework,
      status,
      groupRef: owned(given.group, home),
      buildRef: owned(given.build, home),
      codeRef: { commit, head: null, branch: null, url: null, isDirty: null, diff: null },
      createdAt: micros(given.created),
      createdBy: given.user === null ? { key: user.key, name: user.name } : { key: null, name: given.user },
    }),
  );
  for (const each of given.events) await tx.statuses.append(newEvent(run.key, each));
  const params = Object.entries(given.params).map(([key, text]) => {
    return { key, type: 'string' as const, text, number: isNumber(text) ? Number(text) : null };
  });
  await tx.params.upsert(run.key, params);
  const tags = Object.entries(given.tags).map(([key, value]) => ({ key, value }));
  await tx.tags.upsert(run.key, tags);
  const points = Object.entries(given.metrics).map(([metric, value]) => aPoint(metric, value));
  await tx.metrics.append(run.key, points, now());
  const startedAt = given.started === null ? null : micros(given.started);
  const finishedAt = given.finished === null ? null : micros(given.finished);
  return tx.runs.update(run.key, { startedAt, finishedAt }, micros(given.updated));
}

/** The run as a list shows it. */
function show(given: Plan, { key, number }: Run, home: Home): ShownRun & { key: number } {
  const { name, description, backend, framework, commit, status } = given;
  const { user, project } = home;
  const before = given.events.filter((each) => each.effective && each.status !== 'stopping').at(-1)?.status;
  return {
    key,
    id: number,
    name,
    description,
    user: given.user ?? user.name,
    userId: given.user === null ? user.key : null,
    status: status === 'queued' ? 'created' : status === 'stopping' ? (before ?? '') : status,
    project: project.slug,
    projectId: project.number,
    group: owned(given.group, home),
    build: owned(given.build, home),
    backend,
    framework,
    commit,
    tags: Object.entries(given.tags)
      .filter(([tag, value]) => value === null || !tag.startsWith('mlflow.'))
      .map(([tag, value]) => (value === null ? tag : `${tag}=${value}`)),
    params: new Map(Object.entries(given.params)),
    metrics: new Map(Object.entries(given.metrics)),
    created_at: given.created,
    updated_at: given.updated,
    started_at: given.started,
    finished_at: given.finished,
  };
}

const sort = fc.array(
  fc.record({
    field: fc.constantFrom(
      'created_at',
      'updated_at',
      'started_at',
      'finished_at',
      'id',
      'metrics.k',
      'metric.a.b',
    ),
    descending: fc.boolean(),
  }),
  { maxLength: 3 },
);
type Sort = typeof sort extends fc.Arbitrary<infer T> ? T : never;

/** Where a run without the field is last, and NaN before those. */
function sorted(runs: readonly (ShownRun & { key: number })[], terms: Sort): number[] {
  const by = terms.length === 0 ? [{ field: 'created_at', descending: true }] : terms;
  const shownIn = (run: ShownRun, field: string) =>
    field.startsWith('metric')
      ? (run.metrics.get(field.replace(/^metrics?\./, '')) ?? null)
      : ((run as unknown as Record<string, string | number | null>)[field] ?? null);
  const rank = (value: unknown) => (value === null ? 2 : Number.isNaN(value) ? 1 : 0);
  const compare = (a: ShownRun & { key: number }, b: ShownRun & { key: number }): number => {
    for (const { field, descending } of by) {
      const [left, right] = [shownIn(a, field), shownIn(b, field)];
      if (rank(left) !== rank(right)) return rank(left) - rank(right);
      if (rank(left) > 0 || left === null || right === null || left === right) continue;
      return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
    return (a.key - b.key) * (by.at(-1)?.descending === true ? -1 : 1);
  };
  return [...runs].sort(compare).map((run) => run.key);
}

const query = fc.record({
  conditions: fc.array(fc.tuple(asked, style), { maxLength: 3 }),
  sort,
});

/** The marks stand for names that each try has anew. */
function meant(condition: Asked, owner: string, user: User): Asked {
  if (condition.kind !== 'values') return condition;
  const values = condition.values.map((value) =>
    condition.field === 'user.id'
      ? value.replace(userMark, String(user.key))
      : value.replace(ownerMark, owner),
  );
  return { ...condition, values };
}

describe('queries and sorts', () => {
  const store = useStore();

  it('find what their documentation says, run by run', async () => {
    let found = 0;
    const plans = fc.array(plan, { minLength: 4, maxLength: 14 });
    const queries = fc.array(query, { minLength: 30, maxLength: 30 });
    const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
      const { workspace, project, user } = await aPlace(store());
      const owner = workspace.name;
      const runs = await store().transaction(async (tx) => {
        const other = await aProject(tx, workspace.key, 'Other');
        const shown: (ShownRun & { key: number })[] = [];
        for (const each of plans) {
          const home = { project: each.inSecondProject ? other : project, user, owner };
          shown.push(show(each, await storeRun(tx, each, home), home));
        }
        return shown;
      });
      for (const { conditions, sort } of queries) {
        const all = conditions.map(([condition, how]) => ({ condition: meant(condition, owner, user), how }));
        const text = all.map(({ condition, how }) => render(condition, how)).join();
        const filter = parseQuery(text, { owner });
        checkFilter(filter);
        const order = parseSort(
          sort.map(({ field, descending }) => `${descending ? '-' : ''}${field}`).join(', '),
        );
        const search = {
          workspaceKey: workspace.key,
          lifecycle: 'active',
          filter,
          order,
          limit: 100,
        } as const;
        const wanted = runs.filter((run) => all.every(({ condition }) => holds(run, condition, owner)));
        const got = (await store().read.runs.search(search)).runs.map((run) => run.key);
        expect({ text, keys: got }).toEqual({ text, keys: sorted(wanted, sort) });
        found += conditions.length > 0 ? got.length : 0;
      }
    });
    await fc.assert(property, { numRuns: process.env.FRANCA_TEST_FULL === '1' ? 300 : 30 });
    expect(found).toBeGreaterThan(100);
  }, 300_000);
});
