import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare, deviation } from '../../support/golden-compare.js';
import { type Client, createClient } from './harness.js';
import { contextOf, makeRun, param, point } from './site.js';

const golden = z.strictObject({
  /** The seed's. */
  heading: z.string(),
  /** The run that the example is about, as any dialect may have written it. */
  run: z.strictObject({
    params: z.record(z.string(), z.string()),
    tags: z.record(z.string(), z.string().nullable()),
    series: z.record(
      z.string(),
      z.strictObject({ length: z.int(), first: z.number(), middle: z.number(), last: z.number() }),
    ),
    tables: z.record(z.string(), z.strictObject({ rows: z.int(), bytes: z.int() })),
  }),
  request: z.strictObject({ method: z.string(), path: z.string() }),
  /** The seed's, letter by letter. */
  answer: z.unknown(),
});

function read(name: string): unknown {
  return JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../golden/foundry/${name}`, import.meta.url)), 'utf8'),
  );
}

const deviations = z.array(deviation).parse(read('deviations.json'));

let client: Client;

beforeAll(async () => {
  client = await createClient();
});

afterAll(() => client.close());

/** A JSON table of so many rows in so many bytes. */
function tableOf({ rows, bytes }: { rows: number; bytes: number }): string {
  const data = Array.from({ length: rows }, (_, index) => [index, index % 2 === 0]);
  return JSON.stringify({ columns: ['id', 'correct'], data }).padEnd(bytes);
}

describe('the example of seed 004', () => {
  it('is answered as it stands there, but for what is written down', async () => {
    const { run, request, answer } = golden.parse(read('get-experiment.json'));
    const points = Object.entries(run.series).flatMap(([name, { length, first, middle, last }]) =>
      Array.from({ length }, (_, step) =>
        point(name, step === 0 ? first : step === length - 1 ? last : middle, step, 1_795_254_000_000 + step),
      ),
    );
    const { modelRid, experimentRid } = await makeRun(await contextOf(client.site), {
      params: Object.entries(run.params).map(([key, text]) => param(key, text)),
      tags: Object.entries(run.tags).map(([key, value]) => ({ key, value })),
      points,
      files: Object.fromEntries(Object.entries(run.tables).map(([name, size]) => [name, tableOf(size)])),
    });
    const path = request.path.replace('{modelRid}', modelRid).replace('{experimentRid}', experimentRid);
    const { http, body } = await client.call(request.method, path);
    expect(http).toBe(200);
    const met = compare(body, answer, deviations);
    expect(deviations.filter((row) => !met.has(row))).toEqual([]);
  });
});
