import { expect } from 'vitest';
import { readFile } from '../../../adapters/polyaxon/translate/polyaxonfile.js';
import { toCore } from '../../../adapters/polyaxon/translate/spec-to-core.js';
import type { SubmarineSpec } from '../arbitraries.js';
import type { Facts, Spec } from '../facts.js';
import { type Json, objectOf } from '../support.js';

/** A role of a spec of Submarine's. */
export type Task = {
  readonly replicas: number;
  readonly resources?: string;
  readonly image?: string;
  readonly cmd?: string;
  readonly envVars?: Json;
};

/** The roles of a spec of Submarine's, in the order in which they were sent. */
export function tasksOf(sent: SubmarineSpec): [role: string, task: Task][] {
  return Object.entries(sent.spec as unknown as Readonly<Record<string, Task>>);
}

type Amounts = { readonly requests?: number | null; readonly limits?: number | null };
const kinds = ['cpu', 'memory', 'gpu', 'tpu'] as const;
type Asked = Readonly<Partial<Record<(typeof kinds)[number], Amounts | null>>>;

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

/** What one replica of a task asks for: memory may grow to twice of it, and devices are not shared. */
function askedBy({ resources = '' }: Task): Asked {
  const items = resources === '' ? [] : resources.split(',').map((item) => item.split('='));
  const of = (name: string, limit: number | null) => {
    const text = items.find(([item]) => item === name)?.[1];
    const requests = text === undefined ? null : (amounts[text] ?? Number.NaN);
    return requests === null ? null : { requests, limits: limit === null ? null : requests * limit };
  };
  return { cpu: of('cpu', null), memory: of('memory', 2), gpu: of('nvidia.com/gpu', 1) };
}

/** What the replicas ask for together: a kind that none asks for is null, and so is the whole of nothing. */
function sumOf(all: readonly Asked[]): Json | null {
  const side = (kind: (typeof kinds)[number], which: keyof Amounts) => {
    const known = all.flatMap((one) => one[kind]?.[which] ?? []);
    if (known.length === 0) return null;
    return expect.closeTo(
      known.reduce((sum, amount) => sum + amount, 0),
      6,
    );
  };
  const entries = kinds.map((kind) => {
    const both = { requests: side(kind, 'requests'), limits: side(kind, 'limits') };
    return [kind, both.requests === null && both.limits === null ? null : both] as const;
  });
  return entries.every(([, both]) => both === null) ? null : Object.fromEntries(entries);
}

interface Replica {
  readonly role: string;
  readonly asked: Asked;
}

function replicasOf(spec: Spec | null): Replica[] {
  if (spec === null) return [];
  const times = (count: number, role: string, asked: Asked): Replica[] =>
    Array.from({ length: count }, () => ({ role, asked }));
  if (spec.kind === 'submarine') {
    return tasksOf(spec.sent).flatMap(([role, task]) =>
      times(task.replicas, role.toLowerCase(), askedBy(task)),
    );
  }
  const environment = objectOf(spec.file.environment ?? {});
  const replicas = objectOf(environment.replicas ?? {});
  const worker = objectOf(replicas.default_worker ?? {});
  return [
    ...times(1, 'master', (environment.resources ?? {}) as Asked),
    ...times(Number(replicas.n_workers ?? 0), 'worker', (worker.resources ?? {}) as Asked),
    ...times(Number(replicas.n_ps ?? 0), 'ps', {}),
  ];
}

/** What all replicas of a run ask for together. */
export function expectedResources(spec: Spec | null): Json | null {
  return sumOf(replicasOf(spec).map(({ asked }) => asked));
}

/** The jobs of a run. */
export function expectedJobs({ spec, managed }: Facts): { role: string; resources: Json | null }[] {
  if (!managed) return [];
  return replicasOf(spec).map(({ role, asked }) => ({ role, resources: sumOf([asked]) }));
}

/** The file of a run: its own as it was sent, else one that says of a spec of Submarine's what both know. */
export function expectedConfig({ spec }: Facts): Json {
  if (spec === null) return { config: null, content: null };
  if (spec.kind === 'polyaxonfile') return { config: spec.file, content: spec.content };
  return {
    config: expect.toSatisfy((config) => {
      checkFile(JSON.stringify(config), spec.sent);
      return true;
    }),
    content: expect.toSatisfy((content) => {
      checkFile(content, spec.sent);
      return true;
    }),
  };
}

/** The file that is made of a spec reads as one, and asks for as many replicas where Polyaxon has them. */
function checkFile(content: string, sent: SubmarineSpec): void {
  const file = toCore(readFile(content));
  const tasks = tasksOf(sent);
  const [, master] =
    ['Master', 'Chief', 'Worker'].flatMap((role) => tasks.filter(([name]) => name === role))[0] ??
    tasks[0] ??
    [];
  expect(file.framework).toBe(sent.meta.framework.toLowerCase());
  const cmd = tasks.map(([, task]) => task.cmd).find((one) => one !== undefined) ?? sent.meta.cmd;
  expect(file.spec === null).toBe(cmd === undefined);
  if (file.spec === null) return;
  const image = sent.environment?.image ?? sent.environment?.dockerImage ?? null;
  const env = Object.entries(master?.envVars ?? sent.meta.envVars ?? {});
  const [first, ...others] = file.spec.roles;
  expect(first?.env).toEqual(env.map(([name, value]) => ({ name, value })));
  if (tasks.every(([, task]) => task.image === undefined)) expect(first?.image).toBe(image || null);
  const count = [first, ...others].reduce((sum, role) => sum + (role?.replicas ?? 0), 0);
  const wanted = tasks.reduce((sum, [, task]) => sum + task.replicas, 0);
  if (sent.meta.framework === 'TensorFlow') expect(count).toBe(wanted);
}
