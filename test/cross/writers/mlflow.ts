import fc from 'fast-check';
import { expect } from 'vitest';
import * as arbitrary from '../arbitraries.js';
import {
  type Code,
  type Facts,
  type MlflowOnly,
  noFacts,
  type Param,
  type Point,
  type Reached,
  type Tag,
  wordOf,
} from '../facts.js';
import { mlflow as reader } from '../readers/mlflow.js';
import { at, type Json, type Platform } from '../support.js';
import { dashed, namesOf, type Writer } from './writer.js';

const base = '/api/2.0/mlflow';

async function post(platform: Platform, path: string, body: unknown): Promise<unknown> {
  const answer = await platform.mlflow('POST', `${base}${path}`, body);
  expect([path, answer.http, answer.text]).toEqual([path, 200, expect.any(String)]);
  return answer.body;
}

/** What the core's clock can hold, in milliseconds. */
function isHeld(ms: bigint): boolean {
  return Number.isSafeInteger(Number(ms * 1000n));
}

const point = fc.record({
  key: arbitrary.trackingKey,
  value: arbitrary.metricValue,
  step: fc.oneof(fc.constant(null), arbitrary.int64()),
  ms: arbitrary.int64(0n),
});

/** Points of which some are at the same place, and some the same to the letter. */
export const points = fc
  .tuple(
    fc.array(point, { maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(3), arbitrary.metricValue), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([some, copies, repeats]) => {
    const again = copies.flatMap(([place, value]) => {
      const one = some[place];
      return one === undefined ? [] : [{ ...one, value }];
    });
    return [...some, ...again, ...(repeats ? some.slice(0, 1) : [])];
  });

/** Tags of MLflow's clients: their own bookkeeping, what fills other dialects' fields, and any. */
export const tagsByKey = fc.dictionary(
  fc.oneof(
    arbitrary.trackingKey,
    fc.constantFrom(
      'mlflow.user',
      'mlflow.source.name',
      'mlflow.source.type',
      'mlflow.loggedArtifacts',
      'foundry.branch',
      'foundry.jobRid',
      'foundry.linkedModelVersion',
    ),
  ),
  fc.oneof(arbitrary.text, fc.constantFrom('ri.foundry.main.job.1', 'ri.models.main.model-version.1')),
  { maxKeys: 4 },
);

const code = fc.record({
  commit: arbitrary.maybe(fc.constantFrom('0c7f1d9', '')),
  branch: arbitrary.maybe(fc.constantFrom('main', 'feature/ü', '')),
  url: arbitrary.maybe(fc.constantFrom('https://example.org/a/b.git', 'git@example.org:a/b.git')),
});

/** A part of another run: of one that is there, or of one that is elsewhere. */
const parent = fc.constantFrom(null, 'present', 'f'.repeat(32), 'no id');

const dataset = fc.record(
  {
    name: fc.constantFrom('train', 'größe 😀'),
    source_type: fc.constantFrom('local', 'code'),
    source: fc.constantFrom('{"uri": "a"}', 'x'),
    schema: arbitrary.anyText({ minLength: 1 }),
    profile: arbitrary.anyText({ minLength: 1 }),
  },
  { requiredKeys: ['name', 'source_type', 'source'] },
);

const batch = fc.record({ points, tags: tagsByKey });

const wishes = fc.record({
  name: fc.oneof(fc.constant(''), arbitrary.text),
  user: fc.oneof(fc.constant(''), arbitrary.text),
  start: arbitrary.maybe(fc.oneof(arbitrary.int64(), fc.bigInt({ min: 0n, max: 10n ** 12n }))),
  tags: tagsByKey,
  description: arbitrary.maybe(arbitrary.text),
  code,
  parent,
  batches: fc.array(batch, { maxLength: 2 }),
  params: fc.dictionary(arbitrary.trackingKey, arbitrary.text, { maxKeys: 4 }),
  end: arbitrary.maybe(fc.constantFrom('FINISHED', 'FAILED', 'KILLED', 'RUNNING', 'SCHEDULED')),
  endTime: arbitrary.maybe(fc.oneof(arbitrary.int64(), fc.bigInt({ min: 0n, max: 10n ** 12n }))),
  dataset: arbitrary.maybe(dataset),
  hasModel: fc.boolean(),
  files: arbitrary.files,
});

type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

/** Tags in the order of their first coming, each with its last value. */
export function mergedTags(...all: readonly Readonly<Record<string, string>>[]): Tag[] {
  const merged = new Map<string, string>();
  for (const [key, value] of all.flatMap((tags) => Object.entries(tags))) merged.set(key, value);
  return [...merged].map(([key, value]) => ({ key, value }));
}

function codeOf({ commit, branch, url }: Wish['code']): Code | null {
  if (commit === null && branch === null && url === null) return null;
  return { commit, head: null, branch, url, isDirty: null, diff: null };
}

/** The tags by which fields are said. */
function fieldTags({ description, code, parent }: Pick<Facts, 'description' | 'parent' | 'code'>): Json[] {
  const said = {
    'mlflow.note.content': description,
    'mlflow.parentRunId': parent,
    'mlflow.source.git.commit': code?.commit,
    'mlflow.source.git.branch': code?.branch,
    'mlflow.source.git.repoURL': code?.url,
  };
  return entriesOf(said).filter(({ value }) => value != null);
}

const entriesOf = (values: Json) => Object.entries(values).map(([key, value]) => ({ key, value }));

async function presentParent(platform: Platform): Promise<string> {
  const body = await post(platform, '/runs/create', { experiment_id: '0', run_name: 'parent' });
  return String(at(body, 'run.info.run_id'));
}

const words = { FINISHED: 'succeeded', FAILED: 'failed', KILLED: 'stopped', RUNNING: 'running' } as const;

/** How a run ends, if it does: what its client says of the end is kept, wherever it stands; 0 says nothing. */
function ending(
  { end, endTime: said }: Wish,
  at: number,
): { reached: Reached[]; finishedAt: number | null; end?: bigint } {
  if (end === null) return { reached: [], finishedAt: null };
  const endTime = said === 0n ? null : said;
  const isKept = endTime !== null && (end === 'RUNNING' || end === 'SCHEDULED' || !isHeld(endTime));
  const kept = isKept ? { end: endTime } : {};
  // A run that runs is not scheduled any more.
  if (end === 'SCHEDULED') {
    return { reached: [{ status: 'scheduled', at, message: null, moved: false }], finishedAt: null, ...kept };
  }
  const endedAt = endTime !== null && !isKept ? Number(endTime) * 1000 : at;
  const reached: Reached[] = [{ status: words[end], at: end === 'RUNNING' ? at : endedAt, message: null }];
  return { reached, finishedAt: end === 'RUNNING' ? null : endedAt, ...kept };
}

/** A logged model that the run has made, has read, and has measured. */
async function logModel(
  platform: Platform,
  id: string,
): Promise<Pick<MlflowOnly, 'modelInputs' | 'modelOutputs'>> {
  const body = await post(platform, '/logged-models', { experiment_id: '0', name: 'net', source_run_id: id });
  const model_id = String(at(body, 'model.info.model_id'));
  await post(platform, '/runs/outputs', { run_id: id, models: [{ model_id, step: 2n ** 53n + 1n }] });
  await post(platform, '/runs/log-inputs', { run_id: id, models: [{ model_id }] });
  return { modelInputs: [{ model_id }], modelOutputs: [{ model_id, step: 2n ** 53n + 1n }] };
}

/** A run of MLflow's own clients. */
export const mlflowRun: Writer<Wish> = {
  name: 'MLflow',
  wishes,
  reader,
  async write(platform, wish) {
    const { description, user, start, files } = wish;
    const parent = wish.parent === 'present' ? await presentParent(platform) : wish.parent;
    const code = codeOf(wish.code);
    const createdAt = platform.tick();
    const body = await post(platform, '/runs/create', {
      experiment_id: '0',
      user_id: user,
      run_name: wish.name,
      ...(start === null ? {} : { start_time: start }),
      tags: [...entriesOf(wish.tags), ...fieldTags({ description, code, parent })],
    });
    const id = String(at(body, 'run.info.run_id'));
    const names = await namesOf(platform, dashed(id));
    const logged: Point[] = [];
    for (const [request, { points, tags }] of wish.batches.entries()) {
      const metrics = points.map(({ key, value, step, ms }) => ({
        key,
        value: Object.is(value, -0) ? -0 : wordOf(value),
        timestamp: ms,
        ...(step === null ? {} : { step }),
      }));
      await post(platform, '/runs/log-batch', { run_id: id, metrics, tags: entriesOf(tags) });
      logged.push(...points.map((point) => ({ ...point, step: point.step ?? 0n, us: 0, request })));
    }
    const params: Param[] = Object.entries(wish.params).map(([key, value]) => ({ key, value }));
    await post(platform, '/runs/log-batch', { run_id: id, params });
    // Of a dataset that a project knows, by its name and digest, the first word counts.
    const dataset = wish.dataset === null ? null : { ...wish.dataset, digest: id };
    if (dataset !== null) {
      const tags = [
        { key: 'mlflow.data.context', value: 'training' },
        { key: 'note', value: '' },
      ];
      await post(platform, '/runs/log-inputs', { run_id: id, datasets: [{ dataset, tags }] });
    }
    const models = wish.hasModel ? await logModel(platform, id) : {};
    for (const [path, content] of Object.entries(files)) {
      const address = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/${path}`;
      expect((await platform.raw('PUT', encodeURI(address), content)).status).toBe(200);
    }
    const { reached, finishedAt, ...kept } = ending(wish, platform.tick());
    if (wish.end !== null) {
      const endTime = wish.endTime === null ? {} : { end_time: wish.endTime };
      await post(platform, '/runs/update', { run_id: id, status: wish.end, ...endTime });
    }
    const isHeldStart = start !== null && isHeld(start);
    const startedAt = isHeldStart ? Number(start) * 1000 : createdAt;
    return {
      ...noFacts,
      names,
      name: wish.name || String(at(body, 'run.info.run_name')),
      description,
      createdAt,
      startedAt,
      finishedAt,
      history: [
        { status: 'created', at: createdAt, message: null },
        { status: 'running', at: startedAt, message: null },
        ...reached,
      ],
      params,
      tags: mergedTags(wish.tags, ...wish.batches.map(({ tags }) => tags)),
      points: logged,
      code,
      parent: parent === null ? null : parent,
      files,
      mlflow: {
        user,
        ...(start === null || isHeldStart ? {} : { start }),
        ...kept,
        ...models,
        ...(dataset === null ? {} : { datasets: [shownDataset(dataset)] }),
      },
    };
  },
};

function shownDataset(dataset: Json): Json {
  return {
    dataset,
    tags: [
      { key: 'mlflow.data.context', value: 'training' },
      { key: 'note', value: '' },
    ],
  };
}
