import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFile } from '../../adapters/polyaxon/translate/polyaxonfile.js';
import { toCore } from '../../adapters/polyaxon/translate/spec-to-core.js';
import * as arbitrary from './arbitraries.js';
import {
  at,
  createBoth,
  experiments,
  hexOf,
  home,
  type Json,
  listOf,
  millisOf,
  objectOf,
  pathOf,
  recordsOf,
} from './support.js';

// Each run of a property asks both dialects a dozen times.
vi.setConfig({ testTimeout: 180_000 });

let both: Awaited<ReturnType<typeof createBoth>>;

beforeAll(async () => {
  both = await createBoth();
});

afterAll(() => both.close());

type Task = {
  readonly replicas: number;
  readonly resources?: string;
  readonly image?: string;
  readonly cmd?: string;
  readonly envVars?: Json;
};

/** What Kubernetes reads of a quantity, in cores, MiB or devices. */
const amounts: Readonly<Record<string, number>> = {
  '1': 1,
  '500m': 0.5,
  '0.5': 0.5,
  '1024M': 976.5625,
  '512Mi': 512,
  '1Gi': 1024,
  '1e9': 953.67431640625,
  '0': 0,
  '2': 2,
};

/** What one replica of a task asks for, as Polyaxon has it: memory may grow to twice of it. */
function resourcesOf({ resources = '' }: Task): Record<string, Json | null> | null {
  if (resources === '') return null;
  const asked = new Map(resources.split(',').map((item) => item.split('=') as [string, string]));
  const of = (name: string, limit: number | null) => {
    const text = asked.get(name);
    const requests = text === undefined ? null : (amounts[text] ?? Number.NaN);
    return requests === null ? null : { requests, limits: limit === null ? null : requests * limit };
  };
  return { cpu: of('cpu', null), memory: of('memory', 2), gpu: of('nvidia.com/gpu', 1), tpu: null };
}

function totalOf(tasks: readonly Task[]): Json | null {
  const all = tasks.flatMap((task) => Array.from({ length: task.replicas }, () => resourcesOf(task)));
  const sum = (kind: string, side: string) => {
    const known = all.flatMap((one) => {
      const amount = one?.[kind]?.[side];
      return typeof amount === 'number' ? [amount] : [];
    });
    return known.length === 0
      ? null
      : expect.closeTo(
          known.reduce((a, b) => a + b),
          6,
        );
  };
  if (all.every((one) => one === null)) return null;
  const total = (kind: string) => {
    const amounts = { requests: sum(kind, 'requests'), limits: sum(kind, 'limits') };
    return amounts.requests === null && amounts.limits === null ? null : amounts;
  };
  return { cpu: total('cpu'), memory: total('memory'), gpu: total('gpu'), tpu: null };
}

/** Names as Polyaxon's clients can read them. */
const readable: Readonly<Record<string, string>> = {
  train: 'train',
  'two words': 'two-words',
  'Two Words': 'two-words',
  größe: 'gr-e',
  'a_b-c': 'a_b-c',
};

function codeOf(code: Json | undefined): Json {
  const git = objectOf(code?.git ?? {});
  const isGit = code?.syncMode === 'git';
  return {
    commit: null,
    head: null,
    branch: isGit ? (git.branch ?? null) : null,
    git_url: isGit ? (git.url ?? code?.url) : null,
    is_dirty: null,
    git_diff: null,
  };
}

/** The jobs of a run, as both name them. */
function jobsOf(name: string, spec: Readonly<Record<string, Task>>) {
  const slug = name.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return Object.entries(spec).flatMap(([role, task]) =>
    Array.from({ length: task.replicas }, (_, index) => ({
      role: role.toLowerCase(),
      podName: `${slug}-${role.toLowerCase()}-${index}`,
      resources: resourcesOf(task),
    })),
  );
}

/** Submarine shows what was sent, and every key that its clients look for. */
function shownSpec(sent: Json, name: string): Json {
  const texts = (value: unknown) =>
    Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, String(item)]));
  return {
    ...sent,
    meta: {
      namespace: 'default',
      cmd: null,
      tags: [],
      ...objectOf(sent.meta),
      envVars: texts(at(sent, 'meta.envVars')),
      name,
      experimentId: expect.any(String),
    },
    environment: {
      name: null,
      image: null,
      dockerImage: null,
      description: null,
      kernelSpec: null,
      ...objectOf(sent.environment ?? {}),
    },
    spec: Object.fromEntries(
      Object.entries(objectOf(sent.spec)).map(([role, task]) => [
        role,
        {
          name: null,
          image: null,
          cmd: null,
          resources: '',
          envVars: null,
          ...objectOf(task),
          resourceMap: expect.any(Object),
        },
      ]),
    ),
    code: sent.code ?? null,
    experimentHandlerSpec: sent.experimentHandlerSpec ?? null,
  };
}

/** Kept beside what Polyaxon sent of the run. */
const none = { description: null, original: null, experiment_group: null, build_job: null, is_clone: false };

async function checkSeen(
  path: string,
  sent: arbitrary.SubmarineSpec,
  own: Json,
  name: string,
): Promise<void> {
  const spec = sent.spec as unknown as Readonly<Record<string, Task>>;
  const tags = sent.meta.tags ?? [];
  const shown = objectOf((await both.polyaxon('GET', path)).body);
  expect(shown).toMatchObject({
    ...none,
    uuid: hexOf(own.uid),
    name: readable[name],
    unique_name: `root.Default.${shown.id}`,
    project: 'root.Default',
    user: 'root',
    last_status: 'created',
    started_at: null,
    finished_at: null,
    tags: tags.length === 0 ? null : expect.arrayContaining(tags),
    framework: sent.meta.framework.toLowerCase(),
    backend: null,
    resources: totalOf(Object.values(spec)),
    num_jobs: jobsOf(name, spec).length,
    is_managed: true,
    run_env: null,
    ttl: null,
  });
  expect(millisOf(shown.created_at)).toBe(own.acceptedTime);
  expect(JSON.parse(String(shown.content))).toEqual(shown.config);
  checkFile(String(shown.content), sent, spec);
  expect((await both.polyaxon('GET', `${path}/coderef`)).body).toEqual(codeOf(sent.code as Json | undefined));
  const row = listOf((await both.polyaxon('GET', `${home}?limit=1`)).body).results[0];
  expect(shown).toMatchObject(row ?? {});
}

/** The file that is made of a run reads as one, and asks for as many replicas where Polyaxon has them. */
function checkFile(
  content: string,
  sent: arbitrary.SubmarineSpec,
  spec: Readonly<Record<string, Task>>,
): void {
  const file = toCore(readFile(content));
  const roles = Object.entries(spec);
  const [, master] =
    ['Master', 'Chief', 'Worker'].flatMap((role) => roles.filter(([name]) => name === role))[0] ??
    roles[0] ??
    [];
  expect(file.framework).toBe(sent.meta.framework.toLowerCase());
  const cmd = roles.map(([, task]) => task.cmd).find((one) => one !== undefined) ?? sent.meta.cmd;
  expect(file.spec === null).toBe(cmd === undefined);
  if (file.spec === null) return;
  const image = sent.environment?.image ?? sent.environment?.dockerImage ?? null;
  const env = Object.entries(master?.envVars ?? sent.meta.envVars ?? {});
  const [first, ...others] = file.spec.roles;
  expect(first?.env).toEqual(env.map(([name, value]) => ({ name, value })));
  if (roles.every(([, task]) => task.image === undefined)) expect(first?.image).toBe(image || null);
  const count = [first, ...others].reduce((sum, role) => sum + (role?.replicas ?? 0), 0);
  const wanted = jobsOf('x', spec).length;
  if (sent.meta.framework === 'TensorFlow') expect(count).toBe(wanted);
}

describe('a run that was written in Submarine', () => {
  it('is seen in Polyaxon as far as both know it, and comes back unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.submarineSpec, arbitrary.submarineSpec, async (sent, other) => {
        const { result } = await both.submarine('POST', experiments, sent);
        const id = String(at(result, 'experimentId'));
        const name = sent.meta.name.toLowerCase();
        expect(at(result, 'spec')).toEqual(shownSpec(sent, name));
        const path = await pathOf(both, at(result, 'uid'));
        await checkSeen(path, sent, objectOf(result), name);
        const jobs = listOf((await both.polyaxon('GET', `${path}/jobs`)).body).results;
        const expected = jobsOf(name, sent.spec as unknown as Readonly<Record<string, Task>>);
        expect(jobs.map(({ role, resources }) => ({ role, resources }))).toEqual(
          expected.map(({ role, resources }) => ({ role, resources })),
        );
        const logs = objectOf((await both.submarine('GET', `${experiments}/logs/${id}`)).result);
        expect(recordsOf(logs.logContent).map(({ podName }) => podName)).toEqual(
          expected.map(({ podName }) => podName),
        );
        const statuses = listOf((await both.polyaxon('GET', `${path}/statuses`)).body).results;
        expect(statuses.map(({ status }) => status)).toEqual(['created']);

        const patched = await both.submarine('PATCH', `${experiments}/${id}`, other);
        expect(at(patched.result, 'spec')).toEqual(shownSpec(other, other.meta.name));
        const changed = objectOf((await both.polyaxon('GET', path)).body);
        expect(changed).toMatchObject({
          name: readable[other.meta.name],
          framework: other.meta.framework.toLowerCase(),
          resources: totalOf(Object.values(other.spec as unknown as Readonly<Record<string, Task>>)),
        });
        checkFile(String(changed.content), other, other.spec as unknown as Readonly<Record<string, Task>>);
        await both.submarine('DELETE', `${experiments}/${id}`);
      }),
      { numRuns: 80 },
    );
  });

  it('keeps what Polyaxon adds to it, of which Submarine sees what it knows', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrary.submarineSpec,
        arbitrary.described,
        fc.array(arbitrary.metricRow, { minLength: 1, maxLength: 3 }),
        arbitrary.codeRef,
        async (sent, change, rows, code) => {
          const { result } = await both.submarine('POST', experiments, sent);
          const id = String(at(result, 'experimentId'));
          const path = await pathOf(both, at(result, 'uid'));
          const { tags = [], params = {}, ...rest } = change;
          await both.polyaxon('PATCH', path, { ...change, tags, merge: true });
          await both.polyaxon('POST', `${path}/metrics`, rows);
          await both.polyaxon('POST', `${path}/coderef`, code);

          const shown = objectOf((await both.polyaxon('GET', path)).body);
          expect(shown).toMatchObject(rest);
          expect(shown.params ?? {}).toEqual(params);
          const isKnown = Object.values(code).some((value) => value !== null);
          const own = codeOf(sent.code as Json | undefined);
          expect((await both.polyaxon('GET', `${path}/coderef`)).body).toEqual(isKnown ? code : own);

          const view = objectOf((await both.submarine('GET', `${experiments}/${id}`)).result);
          const all = [...new Set([...(sent.meta.tags ?? []), ...tags])];
          const spec = shownSpec(sent, sent.meta.name.toLowerCase());
          expect(view.spec).toEqual({ ...spec, meta: { ...objectOf(spec.meta), tags: expect.any(Array) } });
          expect([...(at(view, 'spec.meta.tags') as string[])].sort()).toEqual(all.sort());
          const points = recordsOf((await both.submarine('POST', '/api/metric/selective', { id })).result);
          const values = rows.flatMap((row) => Object.values(row.values).filter((value) => value !== null));
          expect(points).toHaveLength(values.length);
          const table = recordsOf((await both.submarine('POST', '/api/param/selective', { id })).result);
          expect(Object.fromEntries(table.map(({ key, value }) => [key, value]))).toEqual(
            Object.fromEntries(
              Object.entries(params).map(([key, value]) => [
                key,
                typeof value === 'string' ? value : JSON.stringify(value),
              ]),
            ),
          );
          await both.polyaxon('DELETE', path);
        },
      ),
      { numRuns: 40 },
    );
  });
});
