import { expect } from 'vitest';
import {
  byKey,
  type Code,
  type Facts,
  hex,
  isoMillis,
  lastOf,
  millis,
  type Names,
  type Point,
  statusOf,
  tagList,
  wordOf,
} from '../facts.js';
import { type Apis, home, type Json, listOf, objectOf } from '../support.js';
import { expectedConfig, expectedJobs, expectedResources } from './polyaxon-spec.js';
import type { Reader } from './reader.js';

const nameOf = (names: Names) => `${home}/${names.number}`;

/** Files by their paths, with their sizes, folder by folder. */
async function filesBelow(apis: Apis, names: Names, folder = ''): Promise<[string, unknown][]> {
  const path = `${nameOf(names)}/outputs/tree?path=${encodeURIComponent(folder)}`;
  const { files, dirs } = objectOf((await apis.polyaxon('GET', path)).body);
  const within = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  const below = await Promise.all((dirs as string[]).map((dir) => filesBelow(apis, names, within(dir))));
  return [
    ...(files as [string, number][]).map(([name, size]): [string, unknown] => [within(name), size]),
    ...below.flat(),
  ];
}

/** Times of the years 1 to 9999, in microseconds; others are shown as the nearest of these. */
function isoMicros(ms: bigint, us: number): string {
  return `${isoMillis(ms)}${String(us).padStart(3, '0')}+00:00`;
}

const time = (at: number | null) =>
  at === null ? null : isoMicros(BigInt(millis(at)), at - millis(at) * 1000);

/** Polyaxon's clients read letters, digits, `-` and `_`: another name is shown as a slug. */
function readable(name: string): string {
  if (/^[-a-zA-Z0-9_]+$/.test(name)) return name;
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return slug || 'unnamed';
}

/** A value as JSON of doubles has it: 0 has no sign there, and an integer beyond 2^53 is rounded. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(typeof value === 'bigint' ? Number(value) : value));
}

function valuesOf(points: readonly Point[]): Json {
  return Object.fromEntries(
    points.map(({ key, value }) => [key, value === null ? null : wordOf(value)] as const),
  );
}

/** Rows: what came in one request of one worker for one step and time, each metric once. */
function rowsOf(points: readonly Point[]): Json[] {
  const rows: Point[][] = [];
  for (const point of points) {
    const isOf = (row: readonly Point[]) =>
      row.every(
        (one) =>
          one.request === point.request &&
          one.worker === point.worker &&
          one.step === point.step &&
          one.ms === point.ms &&
          one.us === point.us &&
          one.key !== point.key,
      );
    const row = rows.find(isOf);
    if (row === undefined) rows.push([point]);
    else row.push(point);
  }
  return rows.map((row) => ({
    created_at: isoMicros(row[0]?.ms ?? 0n, row[0]?.us ?? 0),
    values: valuesOf(row),
  }));
}

function lastMetric(points: readonly Point[]): Json | null {
  const lasts = byKey(points).flatMap(([, ofKey]) => lastOf(ofKey) ?? []);
  return lasts.length === 0 ? null : valuesOf(lasts);
}

/** A spec's address and branch, where no client said more of the code. */
function codeOf({ code, spec }: Facts): Json {
  const sent = spec?.kind === 'submarine' ? (spec.sent.code as Json | undefined) : undefined;
  const git = objectOf(sent?.git ?? {});
  const isGit = sent?.syncMode === 'git';
  const ofSpec = { branch: isGit ? git.branch : null, url: isGit ? (git.url ?? sent?.url) : null };
  const known: Partial<Code> = code ?? (ofSpec as Partial<Code>);
  return {
    commit: known.commit ?? null,
    head: known.head ?? null,
    branch: known.branch ?? null,
    git_url: known.url ?? null,
    is_dirty: known.isDirty ?? null,
    git_diff: known.diff ?? null,
  };
}

function durationOf({ startedAt, finishedAt }: Facts): string | null {
  if (startedAt === null || finishedAt === null) return null;
  let rest = Math.max(0, Math.floor((finishedAt - startedAt) / 1_000_000));
  const parts = [];
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    if (rest >= seconds) parts.push(`${Math.floor(rest / seconds)}${unit}`);
    rest %= seconds;
  }
  return parts.join(' ') || '0s';
}

function detailOf(facts: Facts): Json {
  const { names, params, polyaxon, points } = facts;
  const tags = tagList(facts.tags);
  const shownParams =
    params.length === 0 ? null : Object.fromEntries(params.map(({ key, value }) => [key, asJson(value)]));
  return {
    id: names.number,
    uuid: hex(names.uuid),
    name: facts.name === null ? null : readable(facts.name),
    unique_name: `root.Default.${names.number}`,
    user: 'root',
    description: facts.description,
    created_at: time(facts.createdAt),
    updated_at: expect.any(String),
    started_at: time(facts.startedAt),
    finished_at: time(facts.finishedAt),
    last_status: statusOf(facts).status,
    original: null,
    project: 'root.Default',
    experiment_group: polyaxon.experiment_group ?? null,
    build_job: polyaxon.build_job ?? null,
    tags: tags.length === 0 ? null : tags,
    is_clone: false,
    ...expectedConfig(facts),
    declarations: shownParams,
    params: shownParams,
    resources: expectedResources(facts.spec),
    last_metric: lastMetric(points),
    num_jobs: expectedJobs(facts).length,
    has_tensorboard: null,
    bookmarked: false,
    backend: facts.backend,
    framework: facts.framework,
    run_env: polyaxon.run_env ?? null,
    data_refs: polyaxon.data_refs ?? null,
    is_managed: facts.managed,
    ttl: polyaxon.ttl ?? null,
    readme: polyaxon.readme ?? null,
    total_run: durationOf(facts),
  };
}

/** Polyaxon: the experiment with its code, histories, jobs, outputs and logs. */
export const polyaxon: Reader = {
  name: 'Polyaxon',

  async read(apis, names) {
    const path = nameOf(names);
    const resultsOf = async (list: string) =>
      listOf((await apis.polyaxon('GET', `${path}/${list}`)).body).results;
    return {
      detail: (await apis.polyaxon('GET', path)).body,
      code: (await apis.polyaxon('GET', `${path}/coderef`)).body,
      rows: (await resultsOf('metrics')).map(({ created_at, values }) => ({ created_at, values })),
      statuses: (await resultsOf('statuses')).map(({ id, status, created_at, message, traceback }) => ({
        id,
        status,
        created_at,
        message,
        traceback,
      })),
      jobs: (await resultsOf('jobs')).map(({ role, resources }) => ({ role, resources })),
      files: Object.fromEntries(await filesBelow(apis, names)),
      logs: (await apis.polyaxon('GET', `${path}/logs`)).text,
    };
  },

  expected(facts) {
    return {
      detail: detailOf(facts),
      code: codeOf(facts),
      rows: rowsOf(facts.points),
      statuses: facts.history.map(({ status, at, message, traceback }, place) => ({
        id: place + 1,
        status,
        created_at: time(at),
        message,
        traceback,
      })),
      jobs: expectedJobs(facts).map(({ role, resources }) => ({ role, resources })),
      files: Object.fromEntries(Object.entries(facts.files).map(([path, bytes]) => [path, bytes.length])),
      logs: facts.logs.map((line) => `${line}\n`).join(''),
    };
  },
};
