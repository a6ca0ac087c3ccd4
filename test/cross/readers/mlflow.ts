import {
  byKey,
  type Facts,
  hex,
  lastOf,
  long,
  millis,
  type Names,
  type Point,
  sortedBy,
  statusOf,
  type Tag,
  textOf,
  valued,
  valueOrder,
  whyOf,
  wordOf,
} from '../facts.js';
import { type Apis, at, type Json, objectOf, recordsOf } from '../support.js';
import type { Reader } from './reader.js';

const statuses: Readonly<Record<string, string>> = {
  created: 'SCHEDULED',
  resuming: 'SCHEDULED',
  building: 'SCHEDULED',
  unschedulable: 'SCHEDULED',
  scheduled: 'SCHEDULED',
  starting: 'SCHEDULED',
  running: 'RUNNING',
  warning: 'RUNNING',
  unknown: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  upstream_failed: 'FAILED',
  stopped: 'KILLED',
  skipped: 'KILLED',
};

/** The name, the status and the times, as both faces show them. */
export function expectedInfo(facts: Facts) {
  const { names, mlflow, startedAt, createdAt, finishedAt } = facts;
  return {
    id: hex(names.uuid),
    name: facts.name ?? `run-${names.number}`,
    status: statuses[statusOf(facts).status],
    start: mlflow?.start === undefined ? millis(startedAt ?? createdAt) : long(mlflow.start),
    end: mlflow?.end === undefined ? (finishedAt === null ? null : millis(finishedAt)) : long(mlflow.end),
    artifactUri: `mlflow-artifacts:/0/${hex(names.uuid)}/artifacts`,
  };
}

/** Keys of tags that stand for fields: what else has such a key is not shown. */
const fieldTags: readonly string[] = [
  'mlflow.runName',
  'mlflow.note.content',
  'mlflow.parentRunId',
  'mlflow.source.git.commit',
  'mlflow.source.git.branch',
  'mlflow.source.git.repoURL',
];

/** What is said of the code, by a client, else by the spec. */
function codeOf({ code, spec }: Facts): { commit?: unknown; branch?: unknown; url?: unknown } {
  if (code !== null || spec?.kind !== 'submarine') return code ?? {};
  const sent = objectOf(spec.sent.code ?? {});
  if (sent.syncMode !== 'git') return {};
  const git = objectOf(sent.git ?? {});
  return { branch: git.branch, url: git.url ?? sent.url };
}

/** Every tag by its key: a label has no value, and fields that MLflow has none for are tags. */
export function expectedTags(facts: Facts): Record<string, string> {
  const code = codeOf(facts);
  const told: [string, unknown][] = [
    ['mlflow.user', facts.mlflow === null ? 'root' : null],
    ['mlflow.runName', facts.name ?? `run-${facts.names.number}`],
    ['mlflow.note.content', facts.description],
    ['mlflow.parentRunId', facts.parent],
    ['mlflow.source.git.commit', code.commit],
    ['mlflow.source.git.branch', code.branch],
    ['mlflow.source.git.repoURL', code.url],
    ['franca.statusMessage', whyOf(facts)],
  ];
  const own = facts.tags.filter(({ key }) => !fieldTags.includes(key));
  return {
    ...Object.fromEntries(told.filter((entry): entry is [string, string] => entry[1] != null)),
    ...Object.fromEntries(own.map(({ key, value }: Tag) => [key, value ?? ''])),
  };
}

function pointOf({ key, value, ms, step }: Point): Json {
  return { key, value: wordOf(value ?? 0), timestamp: long(ms), step: long(step ?? 0n) };
}

/** By time, step and value; points that differ in nothing are shown once. */
function historyOf(points: readonly Point[]): Json[] {
  const order = (point: Point) => [point.ms, point.us, point.step ?? 0n, ...valueOrder(point)];
  const nameOf = (point: Point | undefined) => (point === undefined ? '' : order(point).join(' '));
  const inOrder = sortedBy(valued(points), order);
  return inOrder.filter((point, place) => nameOf(point) !== nameOf(inOrder[place - 1])).map(pointOf);
}

const inKeyOrder = <T extends { readonly key?: unknown }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));

async function filesBelow(apis: Apis, names: Names, folder: string): Promise<[string, unknown][]> {
  const path = `/api/2.0/mlflow/artifacts/list?run_id=${hex(names.uuid)}&path=${encodeURIComponent(folder)}`;
  const files = recordsOf(at((await apis.mlflow('GET', path)).body, 'files'));
  const below = await Promise.all(
    files.filter((file) => file.is_dir === true).map((file) => filesBelow(apis, names, String(file.path))),
  );
  const own = files.filter((file) => file.is_dir === false);
  return [...own.map((file): [string, unknown] => [String(file.path), file.file_size]), ...below.flat()];
}

/** MLflow's real face: the run, the history of each metric, and the artifacts. */
export const mlflow: Reader = {
  name: 'MLflow',

  async read(apis, names) {
    const id = hex(names.uuid);
    const run = objectOf(at((await apis.mlflow('GET', `/api/2.0/mlflow/runs/get?run_id=${id}`)).body, 'run'));
    const metrics = recordsOf(at(run, 'data.metrics'));
    const histories = metrics.map(async ({ key }) => {
      const asked = `run_id=${id}&metric_key=${encodeURIComponent(String(key))}`;
      const { body } = await apis.mlflow('GET', `/api/2.0/mlflow/metrics/get-history?${asked}`);
      return [String(key), at(body, 'metrics')] as const;
    });
    return {
      run: {
        ...run,
        data: {
          metrics: inKeyOrder(metrics),
          params: inKeyOrder(recordsOf(at(run, 'data.params'))),
          tags: inKeyOrder(recordsOf(at(run, 'data.tags'))),
        },
      },
      histories: Object.fromEntries(await Promise.all(histories)),
      files: Object.fromEntries(await filesBelow(apis, names, '')),
    };
  },

  expected(facts) {
    const info = expectedInfo(facts);
    const ofKeys = byKey(valued(facts.points));
    return {
      run: {
        info: {
          run_id: info.id,
          run_uuid: info.id,
          run_name: info.name,
          experiment_id: '0',
          user_id: facts.mlflow?.user ?? '',
          status: info.status,
          start_time: info.start,
          ...(info.end === null ? {} : { end_time: info.end }),
          artifact_uri: info.artifactUri,
          lifecycle_stage: 'active',
        },
        data: {
          metrics: inKeyOrder(ofKeys.flatMap(([, points]) => (lastOf(points) ?? []) as Point[]).map(pointOf)),
          params: inKeyOrder(facts.params.map(({ key, value }) => ({ key, value: textOf(value) }))),
          tags: inKeyOrder(Object.entries(expectedTags(facts)).map(([key, value]) => ({ key, value }))),
        },
        inputs: {
          dataset_inputs: facts.mlflow?.datasets ?? [],
          model_inputs: facts.mlflow?.modelInputs ?? [],
        },
        outputs: { model_outputs: facts.mlflow?.modelOutputs ?? [] },
      },
      histories: Object.fromEntries(ofKeys.map(([key, points]) => [key, historyOf(points)])),
      files: Object.fromEntries(Object.entries(facts.files).map(([path, bytes]) => [path, bytes.length])),
    };
  },
};
