import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRunFilter } from '../../adapters/mlflow/query/filter.js';
import { parseRunOrder } from '../../adapters/mlflow/query/order.js';
import { parseUuid, type RunId, uuidToHex } from '../../src/core/ids.js';
import type { Repositories, Store } from '../../src/core/ports/index.js';
import type { Status } from '../../src/core/status.js';
import { openStore } from '../../src/store/open.js';
import { hostileFilters, hostileTerms } from '../adapters/mlflow/hostile-queries.js';
import { asked, idMark, keys, term, words } from '../adapters/mlflow/query-arbitraries.js';
import { runConditions } from '../adapters/mlflow/query-cases.js';
import { type Asked, render, renderName, style } from '../adapters/mlflow/query-language.js';
import { aPlace, aPoint, newRun, now } from '../conformance/store/fixtures.js';
import { sendRaw } from '../support/raw-http.js';
import { type LanguageDifference, languageDifferences } from './differences.js';
import { findMlflow, type Oracle, startOracle } from './oracle.js';

/*
 * The language alone: the same runs in the real server and in a store, the same filters and orders for both, which here
 * the parser and the neutral search answer. Ids, and so ties, are the same; the numbers of experiments are not.
 */

const program = await findMlflow();
const start = 1_600_000_000_000;

const wordOf = { running: 'RUNNING', succeeded: 'FINISHED', failed: 'FAILED', stopped: 'KILLED' } as const;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const word = fc.constantFrom(...words);

/** A run as a client of the real server makes it. It stores an infinity as the greatest number. */
const plan = fc.record({
  name: fc.constantFrom(...words.filter((text) => text !== ''), 'run-1'),
  status: fc.constantFrom<keyof typeof wordOf>('running', 'succeeded', 'failed', 'stopped'),
  userId: word,
  start: fc.constantFrom(start, start + 1, start + 2),
  end: fc.constantFrom(start + 1, start + 5),
  parent: maybe(fc.constantFrom('@0', 'gone')),
  description: maybe(word),
  branch: maybe(word),
  params: fc.dictionary(fc.constantFrom(...keys.filter(isKey)), word),
  tags: fc.dictionary(fc.constantFrom(...keys.filter(isKey)), word),
  metrics: fc.dictionary(
    fc.constantFrom(...keys.filter(isKey)),
    fc.constantFrom(-1, 0, 0.5, 1, 1e20, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  ),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** The real server's own keys have fewer characters than those that a filter may ask for. */
function isKey(key: string): boolean {
  return /^[\p{L}\p{N}_.\- :/]+$/u.test(key);
}

const query = fc.record({
  conditions: fc.array(fc.tuple(asked.filter(isAlike), style), { maxLength: 2 }),
  terms: fc.uniqueArray(fc.tuple(term, style), {
    maxLength: 3,
    selector: ([{ name }]) => `${name.kind} ${name.key.replace('created', 'start_time')}`,
  }),
});

/** What is the same by rule: not what only Franca tells, an address with the number of an experiment, or an infinity. */
function isAlike({ name, ...condition }: Asked): boolean {
  if (name.key === 'artifact_uri' || name.key.startsWith('franca.')) return false;
  return (
    !('value' in condition) ||
    (!condition.value.includes('e400') && !condition.value.includes('9'.repeat(20)))
  );
}

const marked = (text: string, ids: readonly string[]) =>
  text.replaceAll(idMark, (_mark, place: string) => ids[Number(place)] ?? 'none');

describe.skipIf(program === null)('the search language as MLflow 3.17.2 has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'franca-language-'));
  let oracle: Oracle;
  let store: Store;

  beforeAll(async () => {
    store = await openStore({ dataFolder: folder, url: null, now });
    oracle = await startOracle(program ?? '');
  });

  afterAll(async () => {
    await oracle?.stop();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(
    path: string,
    body: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const { http, text } = await sendRaw(oracle.port, {
      method: 'POST',
      path: `/api/2.0/mlflow${path}`,
      body: JSON.stringify(body),
      headers: { Connection: 'close' },
    });
    return { status: http, body: text.startsWith('{') ? JSON.parse(text) : {} };
  }

  async function tell(path: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await ask(path, body);
    if (answer.status !== 200)
      throw new Error(`${path} of ${JSON.stringify(body)}: ${JSON.stringify(answer)}`);
    return answer.body;
  }

  let experiments = 0;

  /** The runs in the real server, and their ids. */
  async function tellRuns(plans: readonly Plan[]): Promise<{ experiment: unknown; ids: readonly string[] }> {
    experiments += 1;
    const { experiment_id: experiment } = await tell('/experiments/create', { name: `e${experiments}` });
    const ids: string[] = [];
    for (const given of plans) {
      const tags = Object.entries({
        ...given.tags,
        ...(given.parent === null ? {} : { 'mlflow.parentRunId': marked(given.parent, ids) }),
        ...(given.description === null ? {} : { 'mlflow.note.content': given.description }),
        ...(given.branch === null ? {} : { 'mlflow.source.git.branch': given.branch }),
      }).map(([key, value]) => ({ key, value }));
      const { run } = (await tell('/runs/create', {
        experiment_id: experiment,
        run_name: given.name,
        user_id: given.userId,
        start_time: given.start,
        tags,
      })) as { run: { info: { run_id: string } } };
      const { run_id } = run.info;
      ids.push(run_id);
      const spelled = (value: number) => (Number.isFinite(value) ? value : String(value));
      await tell('/runs/log-batch', {
        run_id,
        metrics: Object.entries(given.metrics).map(([key, value]) => ({
          key,
          value: spelled(value),
          timestamp: start,
          step: 0,
        })),
        params: Object.entries(given.params).map(([key, value]) => ({ key, value })),
      });
      if (given.status !== 'running')
        await tell('/runs/update', { run_id, status: wordOf[given.status], end_time: given.end });
    }
    return { experiment, ids };
  }

  /** The same runs in a place of the store. */
  async function storeRuns(plans: readonly Plan[], ids: readonly string[]) {
    const { workspace, project } = await aPlace(store);
    await store.transaction(async (tx) => {
      const stored = new Map<string, Awaited<ReturnType<Repositories['runs']['insert']>>>();
      for (const [place, given] of plans.entries()) {
        const hex = ids[place] ?? '';
        const parentId = given.parent === null ? null : marked(given.parent, ids.slice(0, place));
        const parent = parentId === null ? undefined : stored.get(parentId);
        const run = await tx.runs.insert(
          newRun(project, {
            id: parseUuid(hex) as RunId,
            name: given.name,
            description: given.description,
            status: given.status as Status,
            createdAt: given.start * 1000,
            codeRef: { commit: null, branch: given.branch, url: null, head: null, isDirty: null, diff: null },
            parentKey: parent?.key ?? null,
            parentRef: parent === undefined ? parentId : null,
            extensions: { mlflow: { userId: given.userId } },
          }),
        );
        stored.set(hex, run);
        const list = (entries: Readonly<Record<string, string>>) => Object.entries(entries);
        await tx.params.upsert(
          run.key,
          list(given.params).map(([key, text]) => ({ key, type: 'string' as const, text, number: null })),
        );
        await tx.tags.upsert(
          run.key,
          list(given.tags).map(([key, value]) => ({ key, value })),
        );
        await tx.metrics.append(
          run.key,
          Object.entries(given.metrics).map(([key, value]) => aPoint(key, value)),
          now(),
        );
        const finishedAt = given.status === 'running' ? null : given.end * 1000;
        await tx.runs.update(run.key, { finishedAt }, now());
      }
    });
    return workspace.key;
  }

  it('finds the same runs in the same order', async () => {
    let found = 0;
    const plans = fc.array(plan, { minLength: 6, maxLength: 12 });
    const queries = fc.array(query, { minLength: 40, maxLength: 40 });
    const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
      const { experiment, ids } = await tellRuns(plans);
      const workspaceKey = await storeRuns(plans, ids);
      for (const { conditions, terms } of queries) {
        const filter = conditions
          .map(([condition, how]) => marked(render(condition, how), ids))
          .join(' AND ');
        const order_by = terms.map(
          ([{ name, descending }, how]) => `${renderName(name, how)}${descending ? ' DESC' : ''}`,
        );
        const { runs = [] } = (await tell('/runs/search', {
          experiment_ids: [experiment],
          filter,
          order_by,
        })) as {
          runs?: readonly { info: { run_id: string } }[];
        };
        const page = await store.read.runs.search({
          workspaceKey,
          lifecycle: 'active',
          filter: parseRunFilter(filter),
          order: parseRunOrder(order_by),
          limit: 100,
        });
        expect({ filter, order_by, ids: page.runs.map(({ id }) => uuidToHex(id)) }).toEqual({
          filter,
          order_by,
          ids: runs.map(({ info }) => info.run_id),
        });
        found += conditions.length > 0 ? runs.length : 0;
      }
    });
    await fc.assert(property, { numRuns: process.env.FRANCA_TEST_FULL === '1' ? 40 : 8, endOnFailure: true });
    expect(found).toBeGreaterThan(50);
  }, 600_000);

  /** What is short enough for a list of tests. */
  const short = <T extends { readonly text: string }>(rows: readonly T[]) =>
    rows.filter(({ text }) => text.length < 1_000);
  const isTaken = async (search: Record<string, unknown>) =>
    (await ask('/runs/search', { experiment_ids: ['0'], ...search })).status === 200;
  const entryOf = (of: 'filter' | 'order', text: string) =>
    languageDifferences.find((one) => one.of === of && one.text === text);
  const met = new Set<LanguageDifference>();

  /** Franca's way is the real server's, but for what the table says. */
  async function expectAlike(
    of: 'filter' | 'order',
    text: string,
    franca: LanguageDifference['franca'],
  ): Promise<void> {
    const search = of === 'filter' ? { filter: text } : { order_by: [text] };
    const entry = entryOf(of, text);
    const isSame = (await isTaken(search)) === (franca === 'takes it');
    expect({ text, isSame }).toEqual({ text, isSame: entry?.franca !== franca });
    if (entry !== undefined) met.add(entry);
  }

  it.each(runConditions.map(([text]) => text))('takes %s', (text) => expectAlike('filter', text, 'takes it'));

  it.each(short(hostileFilters))('refuses $text', ({ text }) => expectAlike('filter', text, 'refuses it'));

  it.each(short(hostileTerms))('refuses the order $text', ({ text }) =>
    expectAlike('order', text, 'refuses it'),
  );

  it('needs every entry of the table of differences', () => {
    expect(languageDifferences.filter((one) => !met.has(one))).toEqual([]);
  });
});
