import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { watchMemory } from '../../support/memory.js';
import { polyaxonRun, proxied } from '../doors.js';
import type { Face } from '../faces.js';
import { notFitting, others, type Row, type Tried } from '../matrix.js';
import type { AttackSite, Names } from '../site.js';
import { wire } from './wire.js';

const host = 'Host: 127.0.0.1\r\nConnection: close\r\n';
const json = 'Content-Type: application/json\r\n';

/** Half a head: it names no dialect yet, so the answer to it is in none. */
const halfHead = (path: string) => `POST ${path} HTTP/1.1\r\n${host}Content-Ty`;
const halfBody = (path: string) =>
  `POST ${path} HTTP/1.1\r\n${host}${json}Content-Length: 100\r\n\r\n{"name":"half`;
const halfChunk = (path: string) =>
  `POST ${path} HTTP/1.1\r\n${host}${json}Transfer-Encoding: chunked\r\n\r\nff\r\n{"name":"half`;
const halfForm = (method: string, path: string, part: string, content: string) =>
  `${method} ${path} HTTP/1.1\r\n${host}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n` +
  `--b\r\nContent-Disposition: form-data; name="${part}"; filename="half"\r\n\r\n${content}`;

const bodiesAt = (path: string) => [halfBody(path), halfChunk(path)];

/** The beginning of an archive that is too long for what is sent of it. */
const halfArchive = () => gzipSync(Buffer.alloc(4096, 'x')).subarray(0, 15).toString('latin1');

/** Requests that stop half-way, on each face. */
const halves: Readonly<Record<Face, { head: string; bodies: (names: Names) => readonly string[] }>> = {
  polyaxon: {
    head: halfHead('/api/v1/projects'),
    bodies: () => [
      ...bodiesAt('/api/v1/projects'),
      ...bodiesAt('/api/v1/users/token'),
      halfForm('PUT', '/api/v1/root/p/repo/upload', 'repo', halfArchive()),
    ],
  },
  submarine: {
    head: halfHead('/api/v1/experiment'),
    bodies: () => [...bodiesAt('/api/v1/experiment'), ...bodiesAt('/api/auth/token')],
  },
  mlflow: {
    head: halfHead('/api/2.0/mlflow/experiments/create'),
    bodies: (names) => [
      ...bodiesAt('/api/2.0/mlflow/experiments/create'),
      ...bodiesAt('/ajax-api/2.0/mlflow/runs/search'),
      ...proxied(names).map((root) => `PUT ${root}/half HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nhalf`),
    ],
  },
  seed: {
    head: halfHead('/api/v1/experiments'),
    bodies: ({ run }) => [
      ...bodiesAt('/api/v1/experiments'),
      halfForm('POST', `/api/v1/experiments/runs/${run}/log-artifact`, 'file', 'half'),
    ],
  },
  foundry: {
    head: halfHead('/api/v2/models/x/experiments/search'),
    bodies: ({ modelRid }) => bodiesAt(`/api/v2/models/${modelRid}/experiments/search?preview=true`),
  },
  gateway: { head: 'GET /health HTTP/1.1\r\nHost: 127', bodies: () => [] },
};

/** Enough of each to be felt. */
const many = 20;

type Ends = Readonly<Record<string, { heads: readonly string[]; bodies: readonly string[] }>>;

/** How each half-sent request ended: they wait for that together, before the first test. */
let ends: Ends | undefined;

async function endsOf(site: AttackSite): Promise<Ends> {
  const open = (requests: readonly string[]) =>
    Promise.all(requests.map((request) => site.exchange(request)));
  const of = Object.entries(halves).map(async ([face, { head, bodies }]) => {
    const repeated = bodies(site.names).flatMap((body) => Array<string>(many / 4).fill(body));
    const [heads, rest] = await Promise.all([open(Array<string>(many).fill(head)), open(repeated)]);
    return [face, { heads, bodies: rest }] as const;
  });
  return Object.fromEntries(await Promise.all(of));
}

const cutOff =
  (face: Face): Tried =>
  async () => {
    for (const answer of ends?.[face]?.heads ?? [])
      expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*\r\n\r\n\{"error":"request_timeout","status":408\}$/);
    for (const answer of ends?.[face]?.bodies ?? [])
      expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*the body did not come in time/);
    expect(ends?.[face]?.heads).toHaveLength(many);
  };

const size = 64 * 1024 * 1024;
const lines = 20_000;
const readers = process.env.FRANCA_TEST_FULL === '1' ? 1000 : 200;
const bounded = 600;

/** Many who ask for much and read none of it: little is made for them, and others are served. */
const unread =
  (pathOf: (names: Names) => string): Tried =>
  async (site) => {
    const highest = watchMemory(site.server.pid);
    const all = Array.from({ length: readers }, () => {
      const reader = request(`${site.server.url}${pathOf(site.names)}`, { agent: false });
      reader.on('error', () => undefined);
      reader.on('response', (answer) => answer.on('error', () => undefined).pause());
      reader.end();
      return reader;
    });
    const statuses = await Promise.all(
      all.map(
        (reader) => new Promise((resolve) => reader.on('response', ({ statusCode }) => resolve(statusCode))),
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (let round = 0; round < 50; round += 1)
      expect((await site.send({ method: 'GET', path: polyaxonRun })).http).toBe(200);
    expect(highest()).toBeLessThan(bounded);
    for (const reader of all) reader.destroy();
  };

/** A file of 64 MiB and a log of 20 MB, to be read; and the ends of all that is half-sent. */
async function prepare(site: AttackSite): Promise<() => Promise<void>> {
  const { server, names, send } = site;
  const path = `${proxied(names)[0]}/large`;
  expect((await send({ method: 'PUT', path, body: Buffer.alloc(size, 'x'), type: null })).http).toBe(200);
  for (let first = 0; first < lines; first += 1_000) {
    const part = Array.from({ length: 1_000 }, (_, at) => `${first + at} ${'x'.repeat(1_000)}`);
    const logged = await fetch(`${server.url}${polyaxonRun}/logs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(part),
    });
    expect(logged.ok).toBe(true);
  }
  const before = site.snapshot();
  const ending = endsOf(site);
  // Others are served meanwhile.
  for (let round = 0; round < 50; round += 1)
    expect((await send({ method: 'GET', path: polyaxonRun })).http).toBe(200);
  ends = await ending;
  expect(site.snapshot()).toBe(before);
  return async () => {};
}

/** The same row, where time limits are waited for and memory is watched. */
export const slowWire: Row = {
  title: wire.title,
  prepare,
  attacks: [
    {
      name: 'half-sent heads and bodies',
      cells: others({}, cutOff),
    },
    {
      name: 'readers that do not read',
      cells: {
        polyaxon: unread(() => `${polyaxonRun}/outputs/files?path=large`),
        submarine: unread(({ submarine }) => `/api/v1/experiment/logs/${submarine}`),
        mlflow: unread(({ run }) => `/get-artifact?run_id=${run}&path=large`),
        seed: notFitting('answers with pages of a thousand rows at most'),
        foundry: notFitting('answers with parts of a bounded size, and tables as the store gives them'),
        gateway: unread(() => '/openapi.json'),
      },
    },
  ],
};
