import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compare, type Deviation, deviation } from '../../support/golden-compare.js';
import { rawAnswerOf } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { type Answer, checkAnswer, objectOf } from './harness.js';

const folder = fileURLToPath(new URL('../../golden/polyaxon/', import.meta.url));

const request = z.strictObject({ method: z.string(), path: z.string(), body: z.unknown().optional() });
const golden = z.strictObject({
  /** The seeds' heading. */
  heading: z.string(),
  /** What makes the state that the example is met in; `wait` waits for the end of the experiment of that id. */
  before: z.array(z.union([request, z.strictObject({ wait: z.number() })])),
  request,
  status: z.number(),
  /** The seed's, letter by letter; null where it shows none. */
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

/** The packages that the build steps of the two seeds install: all else is the same in both. */
const clients = { 'seed 000': 'polyaxon-client', 'seed 001': 'polyaxon-helper' };

let server: RunningServer;
let programs: string;
const met = new Set<Deviation>();

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), 'franca-golden-'));
  // The seeds' programs do not exist here: others of the same names stand for them that do nothing.
  for (const name of ['pip3', 'python3', 'tensorboard']) {
    writeFileSync(join(programs, name), '#!/bin/sh\ncase "$0" in *tensorboard) exec sleep 60;; esac\n');
    chmodSync(join(programs, name), 0o755);
  }
  server = await startServer({ env: { PATH: `${programs}:${process.env.PATH}`, FRANCA_LOCAL_SLOTS: '4' } });
});

afterEach(async () => {
  await fetch(`${server.url}/api/v1/root/quick-start`, { method: 'DELETE' });
});

afterAll(async () => {
  rmSync(programs, { recursive: true, force: true });
  await server.stop();
});

async function call(one: z.output<typeof request>): Promise<Answer> {
  const init =
    one.body === undefined
      ? {}
      : { body: JSON.stringify(one.body), headers: { 'Content-Type': 'application/json' } };
  const headers = { Authorization: 'token anything', ...init.headers };
  const answer = await fetch(server.url + one.path, { ...init, method: one.method, headers });
  return checkAnswer(one.method, one.path, await rawAnswerOf(answer));
}

async function ended(id: number): Promise<void> {
  const path = `/api/v1/root/quick-start/experiments/${id}`;
  await vi.waitFor(
    async () => {
      const { last_status } = objectOf((await call({ method: 'GET', path })).body);
      expect(last_status).toBe('succeeded');
    },
    { timeout: 15_000, interval: 50 },
  );
}

async function perform({ before, request: asked }: Golden): Promise<Answer> {
  for (const one of before) {
    if ('wait' in one) await ended(one.wait);
    else expect((await call(one)).http).toBeLessThan(300);
  }
  return call(asked);
}

describe.each(Object.entries(clients))('the examples of %s', (seed, client) => {
  it('are all here', () => {
    expect(examples.map(({ example }) => example.heading).sort()).toEqual([
      'Bookmark experiment',
      'Copy experiment',
      'Create experiment metric',
      'Delete experiment',
      'Download experiment outputs',
      'Get experiment',
      'Get experiment job',
      'Get experiment job statuses',
      'Get experiment logs',
      'Get experiment metrics',
      'Get experiment statuses',
      'List experiment jobs',
      'Restart experiment',
      'Resume experiment',
      'Start experiment tensorboard',
      'Stop experiment',
      'Stop experiment tensorboard',
      'Unbookmark experiment',
      'Update experiment',
    ]);
  });

  it.each(examples)('$name', { timeout: 30_000 }, async ({ name, example }) => {
    const spelled = golden.parse(
      JSON.parse(
        JSON.stringify(example).replaceAll('{client}', client).replaceAll('polyaxon-client', client),
      ),
    );
    const { http, body } = await perform(spelled);
    expect(http, seed).toBe(spelled.status);
    if (spelled.answer === null) return;
    const rows = deviations.filter((row) => row.in?.includes(name) ?? true);
    for (const row of compare(body, spelled.answer, rows)) met.add(row);
  });

  it('need every deviation that is written down', () => {
    expect(deviations.filter((row) => !met.has(row))).toEqual([]);
  });
});
