import { expect } from 'vitest';
import { type Facts, isoMillis, millis, type Point, statusOf, tagList, textOf, whyOf } from '../facts.js';
import { at, experiments, type Json, objectOf, recordsOf } from '../support.js';
import { tasksOf } from './polyaxon-spec.js';
import type { Reader } from './reader.js';

/** How Submarine writes a framework; null for what it does not know. */
const frameworks: Readonly<Record<string, string>> = {
  tensorflow: 'TensorFlow',
  pytorch: 'PyTorch',
  xgboost: 'XGBoost',
};

const statuses: Readonly<Record<string, string>> = {
  created: 'Accepted',
  resuming: 'Accepted',
  building: 'Created',
  unschedulable: 'Created',
  scheduled: 'Created',
  starting: 'Created',
  running: 'Running',
  warning: 'Running',
  unknown: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  upstream_failed: 'Failed',
  stopped: 'Failed',
  skipped: 'Failed',
};

/** Why the run is where it is: it is told once the run's turn has come. */
function reasonOf(facts: Facts): Json {
  const reason = statuses[statusOf(facts).status] === 'Accepted' ? null : whyOf(facts);
  return reason === null ? {} : { reason };
}

/** When the run first had its place: the first of these statuses. */
const placed: readonly string[] = ['building', 'unschedulable', 'scheduled', 'starting'];

const time = (at: number | null | undefined) =>
  at == null ? null : `${isoMillis(BigInt(millis(at)))}+00:00`;

const nameOf = ({ name, names }: Facts) => name ?? `run-${names.number}`;

/** Tags that came with a spec stand first, as they were sent there. */
function tagsOf({ tags, spec }: Facts): string[] {
  const shown = tagList(tags);
  const sent = (spec?.kind === 'submarine' ? (spec.sent.meta.tags ?? []) : []).filter((tag) =>
    shown.includes(tag),
  );
  return [...sent, ...shown.filter((tag) => !sent.includes(tag))];
}

/** What was sent, and every key that its clients look for. */
function sentSpec(sent: Json, facts: Facts): Json {
  const texts = (value: unknown) =>
    Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, String(item)]));
  return {
    ...sent,
    meta: {
      namespace: 'default',
      cmd: null,
      ...objectOf(sent.meta),
      tags: tagsOf(facts),
      envVars: texts(at(sent, 'meta.envVars')),
      name: nameOf(facts),
      experimentId: facts.names.experimentId,
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

/** Submarine's text of what is requested: it has no limits of its own, and no TPUs. */
function resourcesText(resources: unknown): string {
  const requested = (kind: string) =>
    (resources as Record<string, { requests?: number | null } | null> | null)?.[kind]?.requests;
  const items = [
    ['cpu', requested('cpu'), ''],
    ['memory', requested('memory'), 'Mi'],
    ['nvidia.com/gpu', requested('gpu'), ''],
  ] as const;
  return items.flatMap(([name, value, unit]) => (value == null ? [] : [`${name}=${value}${unit}`])).join(',');
}

function variablesOf(file: Json): Json {
  return Object.fromEntries((objectOf(file.environment ?? {}).env_vars as [string, string][]) ?? []);
}

/** The roles of a Polyaxonfile. */
function rolesOf(file: Json): Json {
  const environment = objectOf(file.environment ?? {});
  const replicas = objectOf(environment.replicas ?? {});
  const task = (count: unknown, resources: unknown) => ({
    replicas: count,
    resources: resourcesText(resources),
    resourceMap: expect.any(Object),
    name: null,
    image: objectOf(file.build ?? {}).image ?? null,
    cmd: at(file, 'run.cmd'),
    envVars: variablesOf(file),
  });
  const workers = Number(replicas.n_workers ?? 0);
  const servers = Number(replicas.n_ps ?? 0);
  return {
    master: task(1, environment.resources),
    ...(workers > 0 ? { worker: task(workers, objectOf(replicas.default_worker ?? {}).resources) } : {}),
    ...(servers > 0 ? { ps: task(servers, {}) } : {}),
  };
}

function specOf(facts: Facts): Json {
  const { spec, code, framework, names } = facts;
  if (spec?.kind === 'submarine') return sentSpec(spec.sent as unknown as Json, facts);
  const file = spec?.file;
  return {
    meta: {
      name: nameOf(facts),
      namespace: 'default',
      framework: frameworks[String(framework).toLowerCase()] ?? null,
      cmd: file === undefined ? null : at(file, 'run.cmd'),
      envVars: file === undefined ? {} : variablesOf(file),
      tags: tagsOf(facts),
      experimentId: names.experimentId,
    },
    environment: {
      name: null,
      dockerImage: null,
      kernelSpec: null,
      description: null,
      image: (file === undefined ? null : objectOf(file.build ?? {}).image) ?? null,
    },
    spec: file === undefined ? {} : rolesOf(file),
    // Of code without an address there is nothing that Submarine could fetch.
    code: code?.url == null ? null : { syncMode: 'git', git: { url: code.url, branch: code.branch } },
    experimentHandlerSpec: null,
  };
}

/** NaN is 0 with a mark, the infinities are the greatest finite numbers, a null is no point. */
function pointOf({ key, value, step, ms, worker }: Point): Json[] {
  if (value === null) return [];
  const isNan = Number.isNaN(value);
  const greatest = Number.MAX_VALUE;
  return [
    {
      key,
      value: isNan ? 0 : Math.max(-greatest, Math.min(greatest, value)) + 0,
      isNan,
      timestamp: `${isoMillis(ms)}+00:00`,
      step: String(step ?? 0n),
      workerIndex: worker ?? 'worker-0',
    },
  ];
}

/** Lists of the tables have no order. */
const sorted = (rows: readonly Json[]) =>
  rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();

/** Steps by their digits, which `JSON.parse` would round. */
function withExactSteps(text: string): string {
  return text.replace(/"step":(-?\d+)/g, '"step":"$1"');
}

/** The pods: of a run that only reports there is one, named after it. */
function podsOf(facts: Facts): Json[] {
  const { spec, managed, logs } = facts;
  const slug = nameOf(facts)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (!managed) return [{ podName: slug || 'run', podLog: logs }];
  const counts =
    spec?.kind === 'submarine'
      ? tasksOf(spec.sent).map(([role, { replicas }]) => [role, replicas] as const)
      : Object.entries(rolesOf(spec?.file ?? {})).map(([role, task]) => [role, Number(at(task, 'replicas'))]);
  return counts.flatMap(([role, replicas]) =>
    Array.from({ length: Number(replicas) }, (_, index) => ({
      podName: `${slug || 'run'}-${String(role).toLowerCase()}-${index}`,
      podLog: [],
    })),
  );
}

/** What lies at the top of a run's files: a folder has a slash at its end. */
function addressesOf({ names, files }: Facts): string[] {
  const tops = Object.keys(files).map((path) => path.replace(/\/.*/, '/'));
  return [...new Set(tops)].map((top) => `s3://submarine/experiment/${names.experimentId}/${top}`);
}

/** Submarine: the experiment, its tables of metrics and params, its logs, and the addresses of its files. */
export const submarine: Reader = {
  name: 'Submarine',

  async read({ submarine: ask }, { experimentId: id }) {
    const points = await ask('POST', '/api/metric/selective', { id });
    const { result } = objectOf(JSON.parse(withExactSteps(points.text)));
    return {
      experiment: (await ask('GET', `${experiments}/${id}`)).result,
      points: sorted(recordsOf(result)),
      params: sorted(recordsOf((await ask('POST', '/api/param/selective', { id })).result)),
      logs: at((await ask('GET', `${experiments}/logs/${id}`)).result, 'logContent'),
      artifacts: ((await ask('GET', `${experiments}/artifacts/${id}`)).result as string[]).toSorted(),
    };
  },

  expected(facts) {
    const { names, history, params } = facts;
    const id = names.experimentId;
    return {
      experiment: {
        experimentId: id,
        name: nameOf(facts),
        uid: names.uuid,
        status: statuses[statusOf(facts).status],
        ...reasonOf(facts),
        acceptedTime: time(facts.createdAt),
        createdTime: time(history.find(({ status }) => placed.includes(status))?.at),
        runningTime: time(facts.startedAt),
        finishedTime: time(facts.finishedAt),
        spec: specOf(facts),
      },
      points: sorted(facts.points.flatMap(pointOf).map((point) => ({ id, ...point }))),
      params: sorted(
        params.map(({ key, value }) => ({ id, key, value: textOf(value), workerIndex: 'worker-0' })),
      ),
      logs: podsOf(facts),
      artifacts: addressesOf(facts).toSorted(),
    };
  },
};
