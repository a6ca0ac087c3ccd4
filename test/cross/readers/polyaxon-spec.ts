import { expect } from 'vitest';
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
  const config = madeFile(spec.sent);
  const content = expect.toSatisfy((text) => {
    expect(JSON.parse(text)).toEqual(config);
    return true;
  });
  return { config, content };
}

/** The task whose first replica is the file's master. */
function masterOf(tasks: readonly [role: string, task: Task][]): Task | undefined {
  const present = tasks.filter(([, { replicas }]) => replicas > 0);
  const byRole = (wanted: string) => present.find(([role]) => role === wanted);
  return (byRole('Master') ?? byRole('Chief') ?? byRole('Worker') ?? present[0])?.[1];
}

/** Polyaxon's frameworks whose files count replicas beside the master. */
const counted: Readonly<Record<string, readonly string[]>> = {
  TensorFlow: ['worker', 'ps'],
  PyTorch: ['worker'],
  XGBoost: [],
};

function madeFile(sent: SubmarineSpec): Json {
  const tasks = tasksOf(sent);
  const master = masterOf(tasks);
  const inOrder = [...(master === undefined ? [] : [master]), ...tasks.map(([, task]) => task)];
  const shared = sent.environment?.image ?? sent.environment?.dockerImage;
  const image = inOrder.map((task) => task.image ?? shared).find((one) => one !== undefined);
  const cmd = inOrder.map((task) => task.cmd ?? sent.meta.cmd).find((one) => one !== undefined);
  const variables = Object.entries(master?.envVars ?? sent.meta.envVars ?? {});
  const resources = master === undefined ? null : named(askedBy(master));
  const replicas = {
    ...replicasIn('worker', sent, tasks, master),
    ...replicasIn('ps', sent, tasks, master),
  };
  const environment = {
    ...(resources === null ? {} : { resources }),
    ...(variables.length === 0 ? {} : { env_vars: variables.map(([name, value]) => [name, String(value)]) }),
    ...(Object.keys(replicas).length === 0 ? {} : { replicas }),
  };
  return {
    version: 1,
    kind: 'experiment',
    framework: sent.meta.framework.toLowerCase(),
    ...(image === undefined ? {} : { build: { image } }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(cmd === undefined ? {} : { run: { cmd: quoted(cmd) } }),
  };
}

/** What a replica asks for, without what it does not say; null for nothing. */
function named(asked: Asked): Json | null {
  const entries = kinds.flatMap((kind) => {
    const said = Object.entries(asked[kind] ?? {}).filter(([, amount]) => amount !== null);
    return said.length === 0 ? [] : [[kind, Object.fromEntries(said)] as const];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** How many there are beside the master, all but parameter servers as workers, and what a typical one asks for. */
function replicasIn(
  kind: 'worker' | 'ps',
  { meta }: SubmarineSpec,
  tasks: readonly [role: string, task: Task][],
  master: Task | undefined,
): Json {
  const own = tasks.filter(([role]) => (role === 'Ps') === (kind === 'ps'));
  const isMasters = own.some(([, task]) => task === master);
  const count = own.reduce((sum, [, { replicas }]) => sum + replicas, 0) - (isMasters ? 1 : 0);
  if (count < 1 || counted[meta.framework]?.includes(kind) !== true) return {};
  const wanted = kind === 'ps' ? 'Ps' : 'Worker';
  const [, typical] = own.find(([role, { replicas }]) => role === wanted && replicas > 0) ?? own[0] ?? [];
  const resources = typical === undefined ? null : named(askedBy(typical));
  return {
    [kind === 'ps' ? 'n_ps' : 'n_workers']: count,
    ...(resources === null ? {} : { [`default_${kind}`]: { resources } }),
  };
}

/** Submarine's words, each space between two, as a shell has to be given them. */
function quoted(cmd: string): string {
  const words = cmd.replace(/ +$/, '').split(' ');
  return words
    .map((word, place) => {
      const isPlain = /^[\w@%+=:,./-]+$/.test(word) && !(place === 0 && word.includes('='));
      return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
    })
    .join(' ');
}
