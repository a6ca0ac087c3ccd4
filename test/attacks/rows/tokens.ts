import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { RawRequest } from '../../support/raw-http.js';
import { form, foundryRun, polyaxonRun, proxied } from '../doors.js';
import type { Face } from '../faces.js';
import { everyDialect, notFitting, type Row, type Tried } from '../matrix.js';
import { routesOf } from '../routes.js';
import { type AttackSite, dashed, type Names } from '../site.js';

/** The user's own. */
const token = 'the-token-of-the-user-of-this-test';
const owner = { Authorization: `Bearer ${token}` };

/** What jobs were given, by the id of their experiment; and a project that is none of theirs. */
const given: { own: string; ended: string; otherModel: string } = { own: '', ended: '', otherModel: '' };

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const wrong: readonly string[] = [
  'Bearer wrong',
  'Token wrong',
  'Bearer',
  'Bearer  ',
  `Bearer ${token}x`,
  `Bearer ${token.toUpperCase()}`,
  `Bearer ${token.slice(0, -1)}`,
  `Digest ${token}`,
  basic('root:wrong'),
  basic('root'),
  basic(`root:${token}:x`),
  'Basic !',
  token,
  "Bearer ' or 1=1 --",
];

/** Every route that asks for credentials refuses these, before it looks at anything else. */
const unknown =
  (face: Face, credentials: () => readonly (string | null)[]): Tried =>
  async (site) => {
    const routes = (await routesOf(face, site)).filter(({ secured }) => secured);
    expect(routes.length).toBeGreaterThan(3);
    const all = credentials();
    // Each at the first routes, and one of them at every other: all pass the same door.
    for (const [place, { method, path, takes }] of routes.entries())
      for (const one of place < 3 ? all : [all[place % all.length] ?? null]) {
        // Whose this one is depends on how the token is sent: Polyaxon's clients have a word of their own.
        const isPolyaxon = one?.startsWith('Token ') ?? false;
        if (`${method} ${path}` === 'GET /api/v1/experiments' && isPolyaxon !== (face === 'polyaxon'))
          continue;
        const request: RawRequest = {
          method,
          path,
          ...(takes.length === 0 ? {} : { body: '{' }),
          headers: one === null ? {} : { Authorization: one },
        };
        await site.refused(face, request, { status: 401, words: /token|credentials/i });
        const { headers } = await site.send(request);
        expect(headers.get('www-authenticate')).toBe('Bearer realm="franca", Basic realm="franca"');
      }
  };

const open = notFitting('asks for no credentials: health, index and documents are for everybody');

const post = (path: string, body: object): RawRequest => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
});

/** Writes of a run that is not the token's own. */
const writesOf: Readonly<
  Record<'polyaxon' | 'submarine' | 'mlflow' | 'seed', (names: Names) => readonly RawRequest[]>
> = {
  polyaxon: () => [
    post(`${polyaxonRun}/metrics`, { values: { a: 1 } }),
    post(`${polyaxonRun}/statuses`, { status: 'failed' }),
    post(`${polyaxonRun}/stop`, {}),
    { method: 'PATCH', path: polyaxonRun, body: '{"name":"x"}' },
    { method: 'DELETE', path: polyaxonRun },
    { method: 'DELETE', path: '/api/v1/root/p' },
    post('/api/v1/projects', { name: 'x' }),
    { method: 'PUT', path: '/api/v1/root/p/repo/upload', ...form('repo', 'repo.tar.gz', 'x') },
  ],
  submarine: ({ submarine }) => [
    { method: 'DELETE', path: `/api/v1/experiment/${submarine}` },
    post('/api/v1/environment', { name: 'e' }),
  ],
  mlflow: (names) => [
    post('/api/2.0/mlflow/runs/log-metric', { run_id: names.run, key: 'k', value: 1, timestamp: 1 }),
    post('/api/2.0/mlflow/runs/set-tag', { run_id: names.run, key: 'k', value: 'v' }),
    post('/ajax-api/2.0/mlflow/runs/update', { run_id: names.run, status: 'FAILED' }),
    post('/api/2.0/mlflow/runs/delete', { run_id: names.run }),
    post('/api/2.0/mlflow/experiments/delete', { experiment_id: names.experiment }),
    ...proxied(names)
      .filter((root) => root.includes(names.run))
      .flatMap((root) => [
        { method: 'PUT', path: `${root}/x`, body: 'x', type: null },
        { method: 'DELETE', path: `${root}/model` },
      ]),
  ],
  seed: ({ run, experiment }) => [
    post(`/api/v1/experiments/runs/${run}/log-params`, { params: { a: 1 } }),
    post(`/api/v1/experiments/runs/${run}/end`, {}),
    { method: 'POST', path: `/api/v1/experiments/runs/${run}/log-artifact`, ...form('file', 'x', 'x') },
    { method: 'DELETE', path: `/api/v1/experiments/${experiment}` },
  ],
};

const ofAnother =
  (face: keyof typeof writesOf): Tried =>
  async (site) => {
    const headers = { Authorization: `Bearer ${given.own}` };
    for (const request of writesOf[face](site.names))
      await site.refused(face, { ...request, headers }, { status: 403, words: /\S/ });
  };

/** Headers and fields by which some servers let a client name another method. */
const overrides: readonly Readonly<Record<string, string>>[] = [
  { 'X-HTTP-Method-Override': 'DELETE' },
  { 'X-HTTP-Method': 'DELETE' },
  { 'X-Method-Override': 'DELETE' },
  { 'X-HTTP-Method-Override': 'PATCH' },
];

/** What is read stays read, and what takes no POST takes none. */
const overridden =
  (face: Face, pathOf: (names: Names) => string): Tried =>
  async (site) => {
    const path = pathOf(site.names);
    for (const one of overrides) {
      const headers = { ...owner, ...one };
      for (const at of [path, `${path}${path.includes('?') ? '&' : '?'}_method=DELETE`]) {
        expect((await site.send({ method: 'GET', path: at, headers })).http).toBe(200);
        const refused = { status: 405, words: 'POST is not allowed here' };
        await site.refused(face, { method: 'POST', path: at, body: '_method=DELETE', headers }, refused);
      }
    }
  };

interface Made {
  readonly id: number;
  readonly uuid: string;
}

/** Starts two jobs that write down their tokens, and stops one of them. */
async function startJobs(site: AttackSite): Promise<() => Promise<void>> {
  const make = async <T>(path: string, body: object): Promise<T> => {
    const { text } = await site.send({ ...post(path, body), headers: owner });
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  const runs = '/api/v1/root/p/experiments';
  const tokenOf = async (): Promise<{ run: Made; token: string }> => {
    const cmd =
      'cd "$FRANCA_OUTPUTS_PATH"; printf %s "$FRANCA_RUN_TOKEN" > part; mv part token; exec sleep 600';
    const run = await make<Made>(runs, { content: { version: 1, kind: 'experiment', run: { cmd } } });
    const file = join(site.server.dataFolder, 'artifacts', dashed(run.uuid), 'token');
    const told = await vi.waitFor(() => readFileSync(file, 'utf8'), { timeout: 20_000, interval: 50 });
    return { run, token: told };
  };
  const [own, ended] = [await tokenOf(), await tokenOf()];
  const stop = async ({ id }: Made): Promise<void> => {
    await make(`${runs}/${id}/stop`, {});
    await vi.waitFor(
      async () => {
        const { text } = await site.send({ method: 'GET', path: `${runs}/${id}`, headers: owner });
        expect(JSON.parse(text)).toMatchObject({ last_status: 'stopped' });
      },
      { timeout: 20_000, interval: 50 },
    );
  };
  await stop(ended.run);
  const other = await make<Made>('/api/v1/projects', { name: 'other' });
  given.own = own.token;
  given.ended = ended.token;
  given.otherModel = `ri.models.main.model.${dashed(other.uuid)}`;
  // The token of a job that runs is one: else that others are refused would prove nothing.
  const headers = { Authorization: `Bearer ${own.token}` };
  expect((await site.send({ method: 'GET', path: `${runs}/${own.run.id}`, headers })).http).toBe(200);
  expect(
    (await site.send({ ...post(`${runs}/${own.run.id}/metrics`, { values: { a: 1 } }), headers })).http,
  ).toBe(201);
  return () => stop(own.run);
}

export const tokens: Row = {
  title: 'tokens',
  env: { FRANCA_AUTH: 'token', FRANCA_TOKEN: token, FRANCA_LOCAL_SLOTS: '2' },
  prepare: startJobs,
  attacks: [
    { name: 'none', cells: everyDialect(open, (face) => unknown(face, () => [null])) },
    { name: 'wrong ones', cells: everyDialect(open, (face) => unknown(face, () => wrong)) },
    {
      name: 'after the end of its run',
      cells: everyDialect(open, (face) =>
        unknown(face, () => [`Bearer ${given.ended}`, `Token ${given.ended}`, basic(`root:${given.ended}`)]),
      ),
    },
    {
      name: 'of another run',
      cells: {
        polyaxon: ofAnother('polyaxon'),
        submarine: ofAnother('submarine'),
        mlflow: ofAnother('mlflow'),
        seed: ofAnother('seed'),
        async foundry(site) {
          // It reads its own model, as every member may, and no other.
          const headers = { Authorization: `Bearer ${given.own}` };
          const own = await site.send({
            method: 'GET',
            path: `${foundryRun(site.names)}?preview=true`,
            headers,
          });
          expect(own.http).toBe(200);
          const path = `/api/v2/models/${given.otherModel}`;
          await site.refused(
            'foundry',
            { method: 'GET', path: `${path}?preview=true`, headers },
            { status: 404, words: 'ModelNotFound' },
          );
          await site.refused(
            'foundry',
            { ...post(`${path}/experiments/search?preview=true`, {}), headers },
            { status: 403, words: 'SearchExperimentsPermissionDenied' },
          );
        },
        gateway: open,
      },
    },
    {
      name: 'a method that pretends to be another',
      cells: {
        polyaxon: overridden('polyaxon', () => polyaxonRun),
        submarine: overridden('submarine', ({ submarine }) => `/api/v1/experiment/logs/${submarine}`),
        mlflow: overridden('mlflow', (names) => `${proxied(names)[0]}/model/weights`),
        seed: overridden('seed', ({ experiment }) => `/api/v1/experiments/${experiment}`),
        foundry: overridden('foundry', (names) => `${foundryRun(names)}?preview=true`),
        gateway: overridden('gateway', () => '/health'),
      },
    },
  ],
};
