import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRunFilter } from '../../../adapters/mlflow/query/filter.js';
import { parseRunOrder } from '../../../adapters/mlflow/query/order.js';
import { uuidToHex } from '../../../src/core/ids.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { Repositories } from '../../../src/core/ports/index.js';
import { checkFilter, checkOrder } from '../../../src/core/query.js';
import type { Status } from '../../../src/core/status.js';
import { aPlace, aPoint, aProject, newRun, now } from '../../conformance/store/fixtures.js';
import { useStore } from '../../conformance/store/own-store.js';
import { asked, idMark, keys, numbers, parents, term, times, words } from './query-arbitraries.js';
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

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const word = fc.constantFrom(...words);

/** Each status, and the word that it is shown as. */
const shownStatus = {
  created: 'SCHEDULED',
  starting: 'SCHEDULED',
  running: 'RUNNING',
  stopping: 'RUNNING',
  unknown: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  upstream_failed: 'FAILED',
  stopped: 'KILLED',
  skipped: 'KILLED',
} as const satisfies Partial<Record<Status, string>>;

const plan = fc.record({
  name: maybe(word),
  description: maybe(word),
  status: fc.constantFrom(...(Object.keys(shownStatus) as (keyof typeof shownStatus)[])),
  /** Of a run of this dialect; null for one of another, whose creator is shown instead. */
  userId: maybe(word),
  createdBy: fc.constantFrom('ada', 'bob', 'a'),
  inSecondProject: fc.boolean(),
  parent: maybe(fc.constantFrom(...parents)),
  hasOrigin: fc.boolean(),
  commit: maybe(word),
  branch: maybe(word),
  url: maybe(word),
  created: fc.constantFrom(...times),
  started: maybe(fc.constantFrom(...times)),
  finished: maybe(fc.constantFrom(...times)),
  /** Microseconds beyond the millisecond. */
  fraction: fc.constantFrom(0, 1, 999),
  params: fc.dictionary(fc.constantFrom(...keys), word),
  tags: fc.dictionary(fc.constantFrom(...keys), maybe(word)),
  /** Tags of the client's own that would else tell of the run. */
  ownUser: maybe(fc.constantFrom('', 'a', 'A', 'bob')),
  ownOrigin: maybe(fc.constantFrom('gone', 'x', '')),
  /** Of its last status. */
  message: maybe(word),
  metrics: fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...numbers)),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

interface Stored {
  readonly run: Run;
  readonly shown: ShownRun;
}

const marked = (text: string, ids: readonly string[]) =>
  text.replaceAll(idMark, (_mark, place: string) => ids[Number(place)] ?? 'none');

/** All tags that the client gave. */
function tagsOf({ tags, ownUser, ownOrigin }: Plan): readonly (readonly [string, string | null])[] {
  return [
    ...Object.entries(tags),
    ...(ownUser === null ? [] : [['mlflow.user', ownUser] as const]),
    ...(ownOrigin === null ? [] : [['franca.origin', ownOrigin] as const]),
  ];
}

async function storeRun(
  tx: Repositories,
  given: Plan,
  project: Project,
  before: readonly Stored[],
): Promise<Stored> {
  const { name, description, status, userId, createdBy, commit, branch, url, fraction } = given;
  const parent = before.find((_, place) => given.parent === `@${place}`) ?? null;
  const origin = given.hasOrigin ? (before[0] ?? null) : null;
  const code = { commit, branch, url };
  const inserted = await tx.runs.insert(
    newRun(project, {
      name,
      description,
      status,
      createdBy: { key: null, name: createdBy },
      codeRef: { ...code, head: null, isDirty: null, diff: null },
      createdAt: given.created * 1000 + fraction,
      parentKey: parent?.run.key ?? null,
      parentRef: parent === null ? given.parent : null,
      originKey: origin?.run.key ?? null,
      originKind: origin === null ? null : 'copy',
      extensions: userId === null ? {} : { mlflow: { userId } },
    }),
  );
  await tx.params.upsert(
    inserted.key,
    Object.entries(given.params).map(([key, text]) => ({ key, type: 'string' as const, text, number: null })),
  );
  await tx.tags.upsert(
    inserted.key,
    tagsOf(given).map(([key, value]) => ({ key, value })),
  );
  await tx.metrics.append(
    inserted.key,
    Object.entries(given.metrics).map(([key, value]) => aPoint(key, value)),
    now(),
  );
  const at = (millis: number | null) => (millis === null ? null : millis * 1000 + fraction);
  const ends = {
    startedAt: at(given.started),
    finishedAt: at(given.finished),
    statusMessage: given.message,
  };
  const run = await tx.runs.update(inserted.key, ends, now());
  const parentId = parent === null ? given.parent : uuidToHex(parent.run.id);
  return { run, shown: show(given, run, { project, parentId, origin: origin?.run ?? null }) };
}

interface Around {
  readonly project: Project;
  readonly parentId: string | null;
  readonly origin: Run | null;
}

/** The run as an answer shows it. */
function show(given: Plan, { id, number }: Run, { project, parentId, origin }: Around): ShownRun {
  const name = given.name ?? `run-${number}`;
  const start = given.started ?? given.created;
  const hex = uuidToHex(id);
  const told: Readonly<Record<string, string | null>> = {
    'mlflow.runName': name,
    'mlflow.note.content': given.description,
    'mlflow.parentRunId': parentId,
    'mlflow.source.git.commit': given.commit,
    'mlflow.source.git.branch': given.branch,
    'mlflow.source.git.repoURL': given.url,
    'mlflow.user': given.userId === null ? given.createdBy : null,
    'franca.origin': origin === null ? null : uuidToHex(origin.id),
    'franca.statusMessage': given.message || null,
  };
  const tags = new Map(
    Object.entries(told).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
  for (const [key, value] of tagsOf(given)) tags.set(key, value ?? '');
  return {
    info: {
      run_id: hex,
      run_name: name,
      'run name': name,
      'Run name': name,
      'Run Name': name,
      status: shownStatus[given.status],
      user_id: given.userId ?? '',
      artifact_uri: `mlflow-artifacts:/${project.number}/${hex}/artifacts`,
      start_time: start,
      created: start,
      Created: start,
      end_time: given.finished,
    },
    metrics: new Map(Object.entries(given.metrics)),
    params: new Map(Object.entries(given.params)),
    tags,
  };
}

type Terms = readonly { readonly name: Named; readonly descending: boolean }[];

/** By the terms, then the newest first, then by the id. A run without a value is last, and before it NaN. */
function sorted(runs: readonly Stored[], terms: Terms): Run[] {
  const ties: Terms = [
    { name: { kind: 'attribute', key: 'start_time' }, descending: true },
    { name: { kind: 'attribute', key: 'run_id' }, descending: false },
  ];
  const isTimed = terms.some(
    ({ name }) => ['start_time', 'created'].includes(name.key) && name.kind === 'attribute',
  );
  const all = [...terms, ...(isTimed ? ties.slice(1) : ties)];
  const rank = (value: string | number | null) => (value === null ? 2 : Number.isNaN(value) ? 1 : 0);
  return [...runs]
    .sort((a, b) => {
      for (const { name, descending } of all) {
        const [left, right] = [valueFor(a, name), valueFor(b, name)];
        if (rank(left) !== rank(right)) return rank(left) - rank(right);
        const sign = rank(left) > 0 ? 0 : signOf(left ?? 0, right ?? 0);
        if (sign !== 0) return descending ? -sign : sign;
      }
      return 0;
    })
    .map(({ run }) => run);
}

/** Times are sorted by more than is shown of them. */
function valueFor({ run, shown }: Stored, name: Named): string | number | null {
  if (name.kind === 'attribute' && ['start_time', 'created'].includes(name.key))
    return run.startedAt ?? run.createdAt;
  if (name.kind === 'attribute' && name.key === 'end_time') return run.finishedAt;
  return shownValue(shown, name);
}

function signOf(a: string | number, b: string | number): number {
  if (typeof a === 'string' || typeof b === 'string')
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  return a < b ? -1 : a > b ? 1 : 0;
}

const condition = fc.tuple(asked, style, fc.constantFrom(' AND ', ' and ', '\nAnd\t'));

const query = fc.record({
  conditions: fc.oneof({ weight: 3, arbitrary: fc.tuple(condition) }, fc.array(condition, { maxLength: 3 })),
  terms: fc.uniqueArray(fc.tuple(term, style), {
    maxLength: 3,
    selector: ([{ name }]) => `${name.kind} ${name.key.replace('created', 'start_time')}`,
  }),
});

/** The marks stand for ids that each try has anew. */
function meant(condition: Asked, ids: readonly string[]): Asked {
  if ('values' in condition)
    return { ...condition, values: condition.values.map((value) => marked(value, ids)) };
  return 'value' in condition && condition.kind === 'text'
    ? { ...condition, value: marked(condition.value, ids) }
    : condition;
}

describe('filters and orders of runs', () => {
  const store = useStore();

  it('find what their documentation says, run by run, in its order', async () => {
    let found = 0;
    const plans = fc.array(plan, { minLength: 4, maxLength: 14 });
    const queries = fc.array(query, { minLength: 60, maxLength: 60 });
    const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
      const { workspace, project } = await aPlace(store());
      const stored = await store().transaction(async (tx) => {
        const other = await aProject(tx, workspace.key, 'Other');
        const all: Stored[] = [];
        for (const each of plans)
          all.push(await storeRun(tx, each, each.inSecondProject ? other : project, all));
        return all;
      });
      const ids = stored.map(({ run }) => uuidToHex(run.id));
      for (const { conditions, terms } of queries) {
        const all = conditions.map(([condition, how]) => ({ condition: meant(condition, ids), how }));
        const text = all
          .map(
            ({ condition, how }, place) =>
              `${place === 0 ? '' : conditions[place]?.[2]}${render(condition, how)}`,
          )
          .join('');
        const order_by = terms.map(
          ([{ name, descending }, how]) =>
            `${renderName(name, how)}${descending ? ' DESC' : how.variant % 2 === 0 ? '' : ' asc'}`,
        );
        const [filter, order] = [parseRunFilter(text), parseRunOrder(order_by)];
        checkFilter(filter);
        checkOrder(order);
        const wanted = stored.filter(({ shown }) => all.every(({ condition }) => holds(shown, condition)));
        const search = {
          workspaceKey: workspace.key,
          lifecycle: 'active',
          filter,
          order,
          limit: 100,
        } as const;
        const got = (await store().read.runs.search(search)).runs.map((run) => run.key);
        const keysOf = (runs: readonly Run[]) => runs.map((run) => run.key);
        expect({ text, order_by, keys: got }).toEqual({
          text,
          order_by,
          keys: keysOf(
            sorted(
              wanted,
              terms.map(([given]) => given),
            ),
          ),
        });
        found += conditions.length > 0 ? got.length : 0;
      }
    });
    await fc.assert(property, { numRuns: process.env.FRANCA_TEST_FULL === '1' ? 300 : 30 });
    expect(found).toBeGreaterThan(100);
  }, 300_000);
});
