import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as arbitrary from './arbitraries.js';
import {
  at,
  type BothApis,
  createBoth,
  experimentIdOf,
  experiments,
  home,
  type Json,
  listOf,
  millisOf,
  objectOf,
  recordsOf,
} from './support.js';

// Each run of a property asks both dialects a dozen times.
vi.setConfig({ testTimeout: 180_000 });

let both: Awaited<ReturnType<typeof createBoth>>;
let count = 0;

beforeAll(async () => {
  both = await createBoth();
});

afterAll(() => both.close());

/** How Submarine writes a framework; null for what it does not know. */
const frameworks: Readonly<Record<string, string>> = {
  tensorflow: 'TensorFlow',
  pytorch: 'PyTorch',
  xgboost: 'XGBoost',
};

function frameworkOf(name: unknown): string | null {
  return frameworks[String(name).toLowerCase()] ?? null;
}

/** Submarine's text of what is requested: it has no limits of its own, and no TPUs. */
function resourcesTextOf(resources: unknown): string {
  const requested = (kind: string) =>
    (resources as Record<string, { requests?: number | null } | null> | null)?.[kind]?.requests;
  const items = [
    ['cpu', requested('cpu'), ''],
    ['memory', requested('memory'), 'Mi'],
    ['nvidia.com/gpu', requested('gpu'), ''],
  ] as const;
  return items.flatMap(([name, value, unit]) => (value == null ? [] : [`${name}=${value}${unit}`])).join(',');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function created(body: Json): Promise<{ path: string; uuid: unknown; name: string | null }> {
  count += 1;
  const name = count % 2 === 0 ? null : `Run-${count}`;
  const answer = await both.polyaxon('POST', home, { ...body, name });
  expect(answer.http).toBe(201);
  return { path: `${home}/${at(answer.body, 'id')}`, uuid: at(answer.body, 'uuid'), name };
}

async function detail(path: string): Promise<Record<string, unknown>> {
  return objectOf((await both.polyaxon('GET', path)).body);
}

async function seen(apis: BothApis, uuid: unknown): Promise<Record<string, unknown>> {
  const id = await experimentIdOf(apis, uuid);
  return objectOf((await apis.submarine('GET', `${experiments}/${id}`)).result);
}

/** What Polyaxon must show of what was sent, whatever it was. */
function shownDetail(sent: Json): Json {
  const { tags, params, ...rest } = sent;
  return {
    description: null,
    readme: null,
    backend: null,
    run_env: null,
    data_refs: null,
    ...rest,
    // A list that takes another's place keeps those of its tags that were there already where they were.
    tags: Array.isArray(tags) && tags.length > 0 ? sameItems(tags) : null,
    params: params ?? null,
    declarations: params ?? null,
  };
}

function sameItems(items: readonly unknown[]) {
  return expect.toSatisfy((shown) => {
    expect([...(shown as unknown[])].sort()).toEqual([...items].sort());
    return true;
  });
}

type Row = { readonly values: Json; readonly created_at: string };

/** Submarine's table of what Polyaxon logged: a null is no value, what JSON cannot say is as its own store has it. */
function expectedPoints(rows: readonly Row[]): Json[] {
  return rows.flatMap(({ values, created_at }) =>
    Object.entries(values).flatMap(([key, value]): Json[] => {
      if (value === null) return [];
      const numbers: Json = { NaN: 0, Infinity: Number.MAX_VALUE, '-Infinity': -Number.MAX_VALUE };
      return [
        {
          key,
          value: typeof value === 'number' ? value : numbers[String(value)],
          isNan: value === 'NaN',
          timestamp: millisOf(created_at),
          step: 0,
          workerIndex: 'worker-0',
        },
      ];
    }),
  );
}

/** The last value of each metric: of the latest row that has one, of equal times the greatest. */
function expectedLast(rows: readonly Row[]): Json | null {
  const rank = (value: unknown) => (value === 'NaN' ? Number.NEGATIVE_INFINITY : Number(value));
  const last = new Map<string, { readonly time: string; readonly value: unknown }>();
  for (const { values, created_at: time } of rows) {
    for (const [key, value] of Object.entries(values)) {
      const known = last.get(key);
      if (value === null) continue;
      const isLater =
        known === undefined ||
        time > known.time ||
        (time === known.time && (known.value === 'NaN' || rank(value) > rank(known.value)));
      if (isLater) last.set(key, { time, value });
    }
  }
  return last.size === 0
    ? null
    : Object.fromEntries([...last].map(([key, { value }]): [string, unknown] => [key, value]));
}

const sorted = (items: readonly Json[]) =>
  items.map((item) => JSON.stringify(item, Object.keys(item).sort())).sort();

async function checkTracked(path: string, id: string, rows: readonly Row[], params: unknown): Promise<void> {
  const points = recordsOf((await both.submarine('POST', '/api/metric/selective', { id })).result);
  expect(sorted(points)).toEqual(sorted(expectedPoints(rows).map((point) => ({ id, ...point }))));
  const shown = listOf((await both.polyaxon('GET', `${path}/metrics`)).body).results;
  expect(shown.map(({ values, created_at }) => ({ values, created_at }))).toEqual(rows);
  expect((await detail(path)).last_metric).toEqual(expectedLast(rows));
  const table = recordsOf((await both.submarine('POST', '/api/param/selective', { id })).result);
  const expected = Object.entries(params ?? {}).map(([key, value]) => ({
    id,
    key,
    value: textOf(value),
    workerIndex: 'worker-0',
  }));
  expect(sorted(table)).toEqual(sorted(expected));
}

function shownRoles(file: Json): Json {
  const environment = objectOf(file.environment ?? {});
  const replicas = objectOf(environment.replicas ?? {});
  const build = objectOf(file.build ?? {});
  const task = (count: unknown, resources: unknown) => ({
    replicas: count,
    resources: resourcesTextOf(resources),
    resourceMap: expect.any(Object),
    name: null,
    image: build.image ?? null,
    cmd: at(file, 'run.cmd'),
    envVars: variablesOf(file),
  });
  const workers = Number(replicas.n_workers ?? 0);
  const servers = Number(replicas.n_ps ?? 0);
  return {
    master: task(1, environment.resources),
    ...(workers > 0 ? { worker: task(workers, at(replicas, 'default_worker.resources')) } : {}),
    ...(servers > 0 ? { ps: task(servers, {}) } : {}),
  };
}

function variablesOf(file: Json): Json {
  const pairs = objectOf(file.environment ?? {}).env_vars as [string, string][] | undefined;
  return Object.fromEntries(pairs ?? []);
}

describe('a run that was written in Polyaxon', () => {
  it('is seen in Submarine as far as both know it, and comes back unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrary.polyaxonfile,
        arbitrary.described,
        arbitrary.maybe(fc.integer({ min: 0, max: 86_400 })),
        fc.array(arbitrary.metricRow, { maxLength: 4 }),
        async (file, sent, ttl, rows) => {
          const { framework: _, ...beside } = sent;
          const content = JSON.stringify(file, null, count % 3);
          const build_job = 'root.p.builds.3';
          const experiment_group = 'root.p.2';
          const run = await created({ ...beside, content, ttl, build_job, experiment_group });
          if (rows.length > 0) await both.polyaxon('POST', `${run.path}/metrics`, rows);

          const own = await detail(run.path);
          expect(own).toMatchObject(shownDetail(beside));
          const framework = file.framework ?? null;
          const common = { name: run.name, content, ttl, build_job, experiment_group, framework };
          expect(own).toMatchObject({ ...common, is_managed: true, last_status: 'created', user: 'root' });
          expect(own.config).toEqual(file);

          const view = await seen(both, run.uuid);
          const id = String(view.experimentId);
          const name = run.name ?? `run-${own.id}`;
          const tags = beside.tags ?? [];
          expect(view).toMatchObject({ name, status: 'Accepted', acceptedTime: millisOf(own.created_at) });
          expect(view).toMatchObject({ createdTime: null, runningTime: null, finishedTime: null });
          expect(at(view, 'spec.meta')).toEqual({
            name,
            namespace: 'default',
            framework: frameworkOf(file.framework),
            cmd: at(file, 'run.cmd'),
            envVars: variablesOf(file),
            tags,
            experimentId: id,
          });
          expect(at(view, 'spec.spec')).toEqual(shownRoles(file));
          expect(at(view, 'spec.environment.image')).toBe(objectOf(file.build ?? {}).image ?? null);
          expect(at(view, 'spec.code')).toBeNull();
          await checkTracked(run.path, id, rows, beside.params);
          await both.polyaxon('DELETE', run.path);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('as one that reports by itself is seen too: status, times, code, logs, metrics, params', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrary.described,
        arbitrary.described,
        arbitrary.codeRef,
        fc.array(arbitrary.metricRow, { maxLength: 4 }),
        arbitrary.logLines,
        fc.constantFrom('succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped', 'warning', 'unknown'),
        async (sent, change, code, rows, lines, end) => {
          const run = await created({ ...sent, is_managed: false });
          await both.polyaxon('POST', `${run.path}/statuses`, { status: 'starting' });
          await both.polyaxon('POST', `${run.path}/statuses`, { status: 'running' });
          await both.polyaxon('PATCH', run.path, change);
          await both.polyaxon('POST', `${run.path}/coderef`, code);
          for (const row of rows) await both.polyaxon('POST', `${run.path}/metrics`, row);
          await both.polyaxon('POST', `${run.path}/logs`, JSON.stringify(lines));
          await both.polyaxon('POST', `${run.path}/statuses`, { status: end, message: 'why' });

          const own = await detail(run.path);
          const wanted = { ...sent, ...change };
          expect(own).toMatchObject(shownDetail(wanted));
          expect(own).toMatchObject({ framework: wanted.framework ?? null, last_status: end });
          expect(own).toMatchObject({ config: null, content: null, is_managed: false, num_jobs: 0 });
          expect((await both.polyaxon('GET', `${run.path}/coderef`)).body).toEqual(code);
          expect((await both.polyaxon('GET', `${run.path}/logs`)).text).toBe(`${lines.join('\n')}\n`);

          const view = await seen(both, run.uuid);
          const id = String(view.experimentId);
          const name = run.name ?? `run-${own.id}`;
          const isOver = end !== 'warning' && end !== 'unknown';
          const starting = listOf((await both.polyaxon('GET', `${run.path}/statuses`)).body).results[1];
          expect(view).toMatchObject({
            name,
            status: end === 'succeeded' ? 'Succeeded' : isOver ? 'Failed' : 'Running',
            acceptedTime: millisOf(own.created_at),
            createdTime: millisOf(starting?.created_at),
            runningTime: millisOf(own.started_at),
            finishedTime: isOver ? millisOf(own.finished_at) : null,
          });
          expect(at(view, 'spec.meta')).toEqual({
            name,
            namespace: 'default',
            framework: frameworkOf(wanted.framework),
            cmd: null,
            envVars: {},
            tags: sameItems(wanted.tags ?? []),
            experimentId: id,
          });
          const git = { url: code.git_url, branch: code.branch };
          expect(at(view, 'spec.code')).toEqual(code.git_url === null ? null : { syncMode: 'git', git });
          const { result } = await both.submarine('GET', `${experiments}/logs/${id}`);
          expect(at(result, 'logContent')).toEqual([{ podName: name.toLowerCase(), podLog: lines }]);
          await checkTracked(run.path, id, rows, wanted.params);
          await both.polyaxon('DELETE', run.path);
        },
      ),
      { numRuns: 60 },
    );
  });
});
