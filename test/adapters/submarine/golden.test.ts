import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compare, type Deviation, deviation } from '../../support/golden-compare.js';
import { rawAnswerOf } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { type Answer, at, checkAnswer, listOf } from './harness.js';

const folder = fileURLToPath(new URL('../../golden/submarine/', import.meta.url));

const step = z.strictObject({ method: z.string(), path: z.string(), body: z.unknown().optional() });
const golden = z.strictObject({
  /** The seed's heading. */
  heading: z.string(),
  /** What makes the state that the example is met in. `{1}` is the first experiment's id. */
  before: z.array(step),
  request: step,
  /** The seed's, letter by letter. */
  answer: z.unknown(),
});

type Golden = z.output<typeof golden>;

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

const deviations = z.array(deviation).parse(read('deviations.json'));
const examples = readdirSync(folder)
  .filter((name) => name !== 'deviations.json')
  .map((name) => ({ name: name.replace('.json', ''), example: golden.parse(read(name)) }));

let server: RunningServer;
let scripts: string;
const met = new Set<Deviation>();

beforeAll(async () => {
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '4' } });
  scripts = mkdtempSync(join(tmpdir(), 'franca-golden-'));
});

afterEach(async () => {
  for (const { experimentId } of listOf((await call('GET', '/api/v1/experiment')).result)) {
    await call('DELETE', `/api/v1/experiment/${String(experimentId)}`);
  }
});

afterAll(async () => {
  rmSync(scripts, { recursive: true, force: true });
  await server.stop();
});

async function call(method: string, path: string, body?: string): Promise<Answer> {
  const init = body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } };
  const answer = await fetch(server.url + path, { method, ...init });
  return checkAnswer(method, path, await rawAnswerOf(answer));
}

/** A script that prints this as each of two replicas; the first waits for the second, whose run ends with it. */
function printing(text: string): string {
  const [log, done, script] = ['log', 'done', 'print.sh'].map((name) => join(scripts, name));
  writeFileSync(String(log), text);
  const wait = `if [ "$RANK" = 0 ]; then while [ ! -e ${done} ]; do sleep 0.02; done; else touch ${done}; fi`;
  writeFileSync(String(script), `cat ${log}\n${wait}\n`);
  return `sh ${script}`;
}

/** The seed's programs do not exist here: others stand for them that do nothing, or print the seed's log. */
function harmless({ heading, ...example }: Golden): Golden {
  const log = z
    .object({ result: z.object({ logContent: z.array(z.object({ podLog: z.string() })) }) })
    .safeParse(example.answer).data?.result.logContent[0]?.podLog;
  const text = JSON.stringify(example)
    .replaceAll('python /var/tf_mnist/mnist_with_summaries.py', 'true')
    .replaceAll('python /var/mnist.py', 'true')
    .replaceAll('{print}', log === undefined ? 'true' : printing(log));
  return golden.parse({ heading, ...JSON.parse(text) });
}

describe('the examples of seed 002', () => {
  it('are all here', () => {
    expect(examples.map(({ example }) => example.heading).sort()).toEqual([
      'Create Experiment (Using Anonymous/Embedded Environment)',
      'Create Experiment (Using Pre-defined/Stored Environment)',
      'Delete experiment',
      'Get experiment',
      'Get experiment Log',
      'List experiment',
      'List experiment Log',
      'Patch experiment',
    ]);
  });

  it.each(examples)('$name', async ({ name, example }) => {
    const { before, request, answer } = harmless(example);
    const ids: string[] = [];
    const addressed = (path: string) =>
      path.replace(/\{(\d)\}/, (_all, place) => ids[Number(place) - 1] ?? '');
    const perform = (one: z.output<typeof step>) =>
      call(one.method, addressed(one.path), one.body === undefined ? undefined : JSON.stringify(one.body));
    for (const one of before) {
      const { http, result } = await perform(one);
      expect(http).toBe(200);
      if (one.method === 'POST' && one.path === '/api/v1/experiment')
        ids.push(String(at(result, 'experimentId')));
    }
    if (name === 'get-log') await ended(ids);
    const { text } = await perform(request);
    const rows = deviations.filter((row) => row.in?.includes(name) ?? true);
    for (const row of compare(JSON.parse(text), answer, rows)) met.add(row);
  });

  it('need every deviation that is written down', () => {
    expect(deviations.filter((row) => !met.has(row))).toEqual([]);
  });
});

async function ended(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await vi.waitFor(
      async () =>
        expect(at((await call('GET', `/api/v1/experiment/${id}`)).result, 'status')).toBe('Succeeded'),
      { timeout: 15_000, interval: 50 },
    );
  }
}
