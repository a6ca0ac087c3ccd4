import { expect } from 'vitest';
import type { RawRequest } from '../../support/raw-http.js';
import { form, foundryRun, proxied } from '../doors.js';
import type { Face } from '../faces.js';
import { type Attack, notFitting, others, type Row, type Tried } from '../matrix.js';
import type { AttackSite, Names } from '../site.js';

const get = (path: string): RawRequest => ({ method: 'GET', path });
const post = (path: string, body: object): RawRequest => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
});

const submission = {
  meta: { name: 'foreign', framework: 'TensorFlow', cmd: 'true' },
  environment: { image: 'none' },
  spec: { Worker: { replicas: 1, resources: 'cpu=1,memory=64M' } },
};

/** Requests that would read, write or start something, were they not foreign. */
const requestsOf: Readonly<Record<Face, (names: Names) => readonly RawRequest[]>> = {
  polyaxon: () => [
    get('/api/v1/root/p/experiments'),
    get('/api/v1/root/p/experiments/1/outputs/files?path=model/weights'),
    get('/tensorboard/root/p/'),
    post('/api/v1/projects', { name: 'foreign' }),
    post('/api/v1/root/p/experiments', { is_managed: false }),
    post('/api/v1/users/token', { username: 'root', password: 'x' }),
    { method: 'PUT', path: '/api/v1/root/p/repo/upload', ...form('repo', 'repo.tar.gz', 'x') },
    { method: 'DELETE', path: '/api/v1/root/p' },
  ],
  submarine: ({ submarine }) => [
    get('/api/v1/experiment'),
    post('/api/v1/experiment', submission),
    post('/api/auth/token', { username: 'root', password: 'x' }),
    { method: 'DELETE', path: `/api/v1/experiment/${submarine}` },
  ],
  mlflow: (names) => [
    get('/api/2.0/mlflow/experiments/get?experiment_id=0'),
    get(`/get-artifact?run_id=${names.run}&path=model/weights`),
    post('/api/2.0/mlflow/experiments/create', { name: 'foreign' }),
    post('/ajax-api/2.0/mlflow/runs/create', { experiment_id: '0' }),
    { method: 'POST', path: `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${names.run}&path=x`, body: 'x' },
    ...proxied(names).flatMap((root) => [
      { method: 'PUT', path: `${root}/x`, body: 'x', type: 'text/plain' },
      { method: 'DELETE', path: `${root}/model` },
    ]),
  ],
  seed: ({ experiment, run }) => [
    get('/api/v1/experiments'),
    post('/api/v1/experiments', { name: 'foreign' }),
    { method: 'DELETE', path: `/api/v1/experiments/${experiment}` },
    { method: 'POST', path: `/api/v1/experiments/runs/${run}/log-artifact`, ...form('file', 'x', 'x') },
  ],
  foundry: (names) => [
    get(`${foundryRun(names)}?preview=true`),
    get(`${foundryRun(names)}/artifactTables/t.parquet/parquet?preview=true`),
    post(`/api/v2/models/${names.modelRid}/experiments/search?preview=true`, {}),
  ],
  gateway: () =>
    ['/', '/health', '/livez', '/readyz', '/openapi.json', '/openapi/mlflow.json', '/x'].map(get),
};

type Headers = (site: AttackSite) => Readonly<Record<string, string>>;

async function refusedWith(site: AttackSite, face: Face, headers: Headers, words: string): Promise<void> {
  for (const request of requestsOf[face](site.names))
    for (const method of [request.method, 'OPTIONS']) {
      const all = { ...request.headers, ...headers(site) };
      await site.refused(face, { ...request, method, headers: all }, { status: 403, words });
    }
}

/** The same on every face: refused before anything else is looked at. */
function foreign(name: string, words: string, headers: readonly Headers[]): Attack {
  const cell =
    (face: Face): Tried =>
    async (site) => {
      for (const one of headers) await refusedWith(site, face, one, words);
    };
  const withSockets: Tried = async (site) => {
    await cell('polyaxon')(site);
    for (const one of headers) expect(await handshake(site, one)).toMatch(/^HTTP\/1\.1 403 /);
  };
  return { name, cells: others({ polyaxon: withSockets }, cell) };
}

/** Asks to follow a log over a WebSocket, which no browser keeps a page from. */
function handshake({ exchange, ...site }: AttackSite, headers: Headers): Promise<string> {
  const all = { Host: '127.0.0.1', ...headers({ exchange, ...site }) };
  return exchange(
    [
      'GET /api/v1/root/p/experiments/1/logs/stream HTTP/1.1',
      ...Object.entries(all).map(([name, value]) => `${name}: ${value}`),
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
}

const hosts = (...names: readonly string[]): readonly Headers[] => names.map((Host) => () => ({ Host }));
const origins = (...names: readonly string[]): readonly Headers[] =>
  names.map((Origin) => () => ({ Origin }));

/** What a page may send without asking first. */
const simple = (type: string, body: string): Attack['cells'] => {
  const cell = (face: Face, status: number) => async (site: AttackSite) => {
    const jsonPosts = requestsOf[face](site.names).filter(
      ({ method, type: own, path }) => method === 'POST' && own === undefined && !path.includes('upload'),
    );
    expect(jsonPosts.length).toBeGreaterThan(0);
    for (const { path } of jsonPosts) {
      // Logins come as forms; this one is no login.
      if (path.endsWith('/users/token') && type.startsWith('application/x-www')) continue;
      await site.refused(face, { method: 'POST', path, body, type }, { status, words: 'Content-Type' });
    }
  };
  return {
    polyaxon: cell('polyaxon', 415),
    submarine: cell('submarine', 415),
    mlflow: cell('mlflow', 400),
    seed: cell('seed', 415),
    foundry: cell('foundry', 415),
    gateway: notFitting('takes no bodies'),
  };
};

export const browsers: Row = {
  title: 'pages of others in somebody’s browser',
  attacks: [
    foreign(
      'a foreign Host',
      'FRANCA_ALLOWED_HOSTS',
      hosts('evil.example', 'evil.example:5050', 'localhost.'),
    ),
    foreign(
      'a Host that looks like one of ours',
      'FRANCA_ALLOWED_HOSTS',
      hosts(
        '10.evil.example',
        '127.0.0.1.evil.example',
        'localhost.evil.example',
        'evil@127.0.0.1',
        '0x7f.1',
        '127.1',
      ),
    ),
    {
      name: 'no Host',
      cells: others({}, (face) => async ({ names, exchange }) => {
        for (const { method, path } of requestsOf[face](names))
          for (const head of ['HTTP/1.1\r\n', 'HTTP/1.0\r\n', 'HTTP/1.1\r\nHost:\r\n']) {
            const answer = await exchange(`${method} ${path} ${head}Connection: close\r\n\r\n`);
            expect(answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*FRANCA_ALLOWED_HOSTS/);
          }
      }),
    },
    foreign('a foreign Origin', 'FRANCA_ALLOWED_ORIGINS', [
      ...origins('http://evil.example', 'https://evil.example:5050', 'http://127.0.0.1.evil.example'),
      // Another server of the same machine.
      ({ server }) => ({ Origin: `http://127.0.0.1:${server.port + 1}` }),
    ]),
    foreign('the Origin null', 'FRANCA_ALLOWED_ORIGINS', origins('null')),
    { name: 'a form', cells: simple('application/x-www-form-urlencoded', 'name=foreign&experiment_id=0') },
    { name: 'a form with files', cells: simple('multipart/form-data; boundary=b', '--b--\r\n') },
    { name: 'JSON as plain text', cells: simple('text/plain', '{"name":"foreign","experiment_id":"0"}') },
  ],
};
