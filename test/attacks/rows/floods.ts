import { expect } from 'vitest';
import { watchMemory } from '../../support/memory.js';
import { notFitting, type Row, type Tried } from '../matrix.js';
import type { AttackSite, Names } from '../site.js';
import { swellingArchives } from './archives.js';
import { bodies } from './bodies.js';

/** One hostile body, made anew for each request. */
interface Flood {
  readonly name: string;
  readonly type: string;
  readonly body: () => string;
  readonly status: 400 | 413;
}

const lists = (depth: number) => '['.repeat(depth);

const json: readonly Flood[] = [
  { name: '64 MiB of JSON', body: () => `"${'x'.repeat(64 * 1024 * 1024)}"`, status: 413 },
  { name: '64 MiB of brackets', body: () => lists(64 * 1024 * 1024), status: 413 },
  { name: '10^5 lists in one another', body: () => lists(100_000), status: 400 },
  {
    name: '50,000 objects in one another',
    body: () => `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    status: 400,
  },
].map((flood) => ({ ...flood, type: 'application/json' }) as Flood);

const words = (count: number) => JSON.stringify(Array.from({ length: count }, (_, at) => `t${at}`));

const ofYaml: readonly Flood[] = [
  { name: 'deep YAML', type: 'application/yaml', body: () => lists(100_000), status: 400 },
  {
    name: 'a YAML bomb of 10^13 words',
    type: 'application/yaml',
    body: () =>
      [
        'l0: &l0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]',
        ...Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}*l${i}]`),
      ].join('\n'),
    status: 400,
  },
];

/** A body of this dialect's own, with a list of 10^5 words in it. */
const wide = (body: (list: string) => string): Flood => ({
  name: '10^5 words in a list',
  type: 'application/json',
  body: () => body(words(100_000)),
  status: 400,
});

/** As many megabytes as the server may have meanwhile. */
const bounded = 300;
const rounds = process.env.FRANCA_TEST_FULL === '1' ? 20 : 2;

/** Posts each body several times, while others are served. */
const flooded =
  (pathOf: (names: Names) => string, floods: readonly Flood[]): Tried =>
  async (site) => {
    const highest = watchMemory(site.server.pid);
    let over = false;
    const bystander = (async () => {
      let served = 0;
      for (; !over; served += 1) expect(await read(site)).toBe(200);
      return served;
    })();
    try {
      for (const { name, type, body, status } of floods)
        for (let round = 0; round < rounds; round += 1) {
          const answer = await fetch(`${site.server.url}${pathOf(site.names)}`, {
            method: 'POST',
            headers: { 'Content-Type': type },
            body: body(),
          }).catch(() => null);
          // A server may end the connection of a body that it will not read: then there is no answer to see.
          expect([name, answer?.status ?? 413]).toEqual([name, status]);
          await answer?.arrayBuffer().catch(() => null);
        }
    } finally {
      over = true;
      expect(await bystander).toBeGreaterThan(0);
    }
    expect(highest()).toBeLessThan(bounded);
  };

async function read({ send }: AttackSite): Promise<number> {
  return (await send({ method: 'GET', path: '/api/v1/root/p/experiments/1' })).http;
}

/** The same row, where memory is watched. */
export const floods: Row = {
  title: bodies.title,
  attacks: [
    {
      name: 'floods, while memory is watched and others are served',
      cells: {
        polyaxon: flooded(
          () => '/api/v1/root/p/experiments',
          [...json, wide((list) => `{"is_managed":false,"tags":${list}}`)],
        ),
        submarine: flooded(
          () => '/api/v1/experiment',
          [...json, ...ofYaml, wide((list) => `{"meta":{"name":"x","tags":${list}}}`)],
        ),
        mlflow: flooded(
          () => '/api/2.0/mlflow/runs/search',
          [...json, wide((list) => `{"experiment_ids":${list}}`)],
        ),
        seed: flooded(
          () => '/api/v1/experiments/runs/compare',
          [...json, wide((list) => `{"run_ids":${list}}`)],
        ),
        foundry: flooded(
          ({ modelRid }) => `/api/v2/models/${modelRid}/experiments/search?preview=true`,
          [...json, wide((list) => `{"orderBy":${list}}`)],
        ),
        gateway: notFitting('takes no bodies'),
      },
    },
    swellingArchives,
  ],
};
