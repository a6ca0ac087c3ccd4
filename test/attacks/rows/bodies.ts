import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { RawRequest } from '../../support/raw-http.js';
import {
  form,
  foundryRun,
  gatewayReads,
  mlflowReads,
  mlflowWrites,
  polyaxonReads,
  proxied,
  seedUpload,
} from '../doors.js';
import type { Face } from '../faces.js';
import { everyDialect, notFitting, others, type Row, type Tried } from '../matrix.js';
import { jsonRoutes, routesOf } from '../routes.js';
import type { AttackSite, Names } from '../site.js';
import { climbingArchives } from './archives.js';

const withoutBodies = notFitting('takes no bodies');

/** What is too deep is told by its place, or by the bound, in every envelope. */
const deepWords = /deep|nest|at \d+|at line|JSON|position/i;

const deep: readonly string[] = [
  '['.repeat(100_000),
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
];

/** Numbers that no whole field of 64 bits may have, each in another way. */
export const outOfRange = [
  '1.5',
  '-0.1',
  '1e309',
  '-1e309',
  '9223372036854775808',
  '-9223372036854775809',
  '1e30',
  `1${'0'.repeat(5_000)}`,
  'NaN',
  'Infinity',
  '-Infinity',
  '0x10',
  '1_000',
  '+1',
  '01',
  '.5',
  '1.',
  'true',
  '{}',
  '[]',
  '"x"',
  '"1e999"',
  '"NaN"',
  '"9223372036854775808"',
] as const;

/** Bodies with a place for a number. */
const numbered: Readonly<
  Record<
    Exclude<Face, 'gateway'>,
    (names: Names) => readonly (readonly [path: string, body: string, field: string])[]
  >
> = {
  polyaxon: () => [
    ['/api/v1/root/p/experiments', '{"is_managed":false,"ttl":#}', 'ttl'],
    ['/api/v1/root/p/experiments/stop', '{"ids":[#]}', 'ids.0'],
  ],
  submarine: () => [
    [
      '/api/v1/experiment',
      '{"meta":{"name":"x","framework":"TensorFlow","cmd":"true"},"environment":{"image":"none"},"spec":{"Worker":{"replicas":#,"resources":"cpu=1,memory=64M"}}}',
      'replicas',
    ],
  ],
  mlflow: ({ run, experiment }) =>
    ['/api/2.0/mlflow', '/ajax-api/2.0/mlflow'].flatMap((api) => [
      [
        `${api}/runs/log-metric`,
        `{"run_id":"${run}","key":"k","value":1,"timestamp":#}`,
        'timestamp',
      ] as const,
      [
        `${api}/runs/log-metric`,
        `{"run_id":"${run}","key":"k","value":1,"timestamp":1,"step":#}`,
        'step',
      ] as const,
      [
        `${api}/runs/log-batch`,
        `{"run_id":"${run}","metrics":[{"key":"k","value":1,"timestamp":1,"step":#}]}`,
        'step',
      ] as const,
      [`${api}/runs/create`, `{"experiment_id":"${experiment}","start_time":#}`, 'start_time'] as const,
      [`${api}/runs/update`, `{"run_id":"${run}","end_time":#}`, 'end_time'] as const,
    ]),
  seed: ({ run }) => [
    [`/api/v1/experiments/runs/${run}/log-metrics`, '{"metrics":{"k":1},"step":#}', 'step'],
    [`/api/v1/experiments/runs/${run}/log-metrics`, '{"metrics":{"k":1},"timestamp":#}', 'timestamp'],
    [`/api/v1/experiments/runs/${run}/end`, '{"end_time":#}', 'end_time'],
  ],
  foundry: ({ modelRid }) => [
    [`/api/v2/models/${modelRid}/experiments/search?preview=true`, '{"pageSize":#}', 'pageSize'],
  ],
};

/** What is no JSON at all is told by its place, what is no number by the field. */
const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const long = 'n'.repeat(300);

type Named = readonly [request: RawRequest, words: string | RegExp, status?: number];

const post = (path: string, body: object): RawRequest => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
});

/** Names of 300 characters, where 250, 255 or fewer may stand. */
const named: Readonly<Record<Face, (names: Names) => readonly Named[]>> = {
  polyaxon: () => [
    [post('/api/v1/projects', { name: long }), '"name"'],
    [post('/api/v1/root/p/experiments', { is_managed: false, name: long }), '"name"'],
    [post('/api/v1/root/p/experiments', { is_managed: false, tags: [long] }), '"tags.0"'],
    [post('/api/v1/root/p/experiments', { is_managed: false, params: { [long]: 1 } }), '"params.n'],
    [post('/api/v1/root/p/experiments/1/metrics', { values: { [long]: 1 } }), '"values.n'],
    [{ method: 'GET', path: `/api/v1/root/${long}/experiments` }, 'Not found.', 404],
    ...polyaxonReads.map(({ request }): Named => [request(long), '"path"']),
  ],
  submarine: () => [
    [
      post('/api/v1/experiment', {
        meta: { name: long, framework: 'TensorFlow', cmd: 'true' },
        environment: { image: 'none' },
        spec: { Worker: { replicas: 1, resources: 'cpu=1' } },
      }),
      'name',
    ],
    [post('/api/v1/environment', { name: long }), 'name'],
    [{ method: 'GET', path: `/api/v1/experiment/${long}` }, 'Not found experiment.', 404],
  ],
  mlflow: (names) => [
    [
      post('/api/2.0/mlflow/runs/log-metric', { run_id: names.run, key: long, value: 1, timestamp: 1 }),
      "'key'",
    ],
    [post('/api/2.0/mlflow/runs/log-parameter', { run_id: names.run, key: long, value: '1' }), "'key'"],
    [post('/api/2.0/mlflow/runs/set-tag', { run_id: names.run, key: long, value: '1' }), "'key'"],
    // Names of experiments may have 500.
    [post('/api/2.0/mlflow/experiments/create', { name: long + long }), "'name'"],
    ...[...mlflowReads(names), ...mlflowWrites(names)].map(
      ({ request, field }): Named => [request(long), field],
    ),
  ],
  seed: (names) => [
    [post('/api/v1/experiments', { name: long }), '"field":"name"'],
    [
      post(`/api/v1/experiments/runs/${names.run}/log-metrics`, { metrics: { [long]: 1 } }),
      '"field":"metrics.n',
    ],
    [
      post(`/api/v1/experiments/runs/${names.run}/log-params`, { params: { [long]: 1 } }),
      '"field":"params.n',
    ],
    [seedUpload(names).request(long), '"field":"artifact_path"'],
    [
      {
        method: 'POST',
        path: `/api/v1/experiments/runs/${names.run}/log-artifact`,
        ...form('file', long, 'x'),
      },
      '"field":"file"',
    ],
  ],
  foundry: (names) => [
    [
      { method: 'GET', path: `${foundryRun(names)}/artifactTables/${long}/json?preview=true` },
      'experimentArtifactTableName',
    ],
    [
      { method: 'GET', path: `${foundryRun(names)}/series/${long}/json?preview=true` },
      'ExperimentSeriesNotFound',
      404,
    ],
    [{ method: 'GET', path: `/api/v2/models/${long}?preview=true` }, 'modelRid'],
  ],
  gateway: () => gatewayReads.map(({ request }): Named => [request(long), 'not_found', 404]),
};

const size = 64 * 1024 * 1024;

/** Says that 64 MiB come, and sends a few: the answer is there before the rest would be. */
async function declared(site: AttackSite, method: string, path: string): Promise<string> {
  return site.exchange(
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n{"a":"`,
    /\r\n\r\n[\s\S]+\}$/,
  );
}

const bomb = () => gzipSync(Buffer.alloc(1024 * 1024, ' '));

/** Ten lists of ten, nine times over: a billion words, if somebody spells them out. */
const laughs = [
  'a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]',
  ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(',')}]`),
].join('\n');

const yaml =
  (face: Face, status: number): Tried =>
  async (site) => {
    for (const { method, path } of await jsonRoutes(face, site))
      await site.refused(
        face,
        { method, path, body: laughs, type: 'application/yaml' },
        { status, words: 'Content-Type' },
      );
  };

export const bodies: Row = {
  title: 'bodies that are deep, wide, large, or other than they look',
  attacks: [
    {
      name: 'deep JSON',
      cells: everyDialect(withoutBodies, (face) => async (site) => {
        const routes = await jsonRoutes(face, site);
        expect(routes.length).toBeGreaterThan(0);
        for (const [place, { method, path }] of routes.entries())
          for (const body of place === 0 ? deep : deep.slice(0, 1)) {
            // A login takes less than that is long.
            const expected = path.endsWith('/token')
              ? { status: 413, words: 'larger than' }
              : { status: 400, words: deepWords };
            await site.refused(face, { method, path, body }, expected);
          }
      }),
    },
    {
      name: '24 kinds of numbers out of range',
      cells: everyDialect(withoutBodies, (face) => async (site) => {
        expect(new Set(outOfRange).size).toBe(24);
        for (const [path, body, field] of numbered[face](site.names))
          for (const number of outOfRange) {
            const request = { method: 'POST', path, body: body.replace('#', number) };
            const words = isJson(number) ? field : /JSON|position|at \d+/i;
            await site.refused(face, request, { status: 400, words });
          }
      }),
    },
    {
      name: 'names of 300 characters',
      cells: others({}, (face) => async ({ names, refused }) => {
        for (const [request, words, status = 400] of named[face](names))
          await refused(face, request, { status, words });
      }),
    },
    {
      name: '64 MiB of JSON',
      cells: everyDialect(withoutBodies, (face) => async (site) => {
        for (const { method, path } of await jsonRoutes(face, site))
          expect([path, await declared(site, method, path)]).toEqual([
            path,
            expect.stringMatching(/^HTTP\/1\.1 413 /),
          ]);
      }),
    },
    {
      name: 'a login of 100 KiB',
      cells: {
        polyaxon: async ({ refused }) => {
          const path = '/api/v1/users/token';
          const long64 = 'x'.repeat(100 * 1024);
          const large = { status: 413, words: 'the body is larger than 65536 bytes' };
          await refused('polyaxon', post(path, { username: 'root', password: long64 }), large);
          const type = 'application/x-www-form-urlencoded';
          await refused(
            'polyaxon',
            { method: 'POST', path, body: `username=a&password=${long64}`, type },
            large,
          );
        },
        submarine: async ({ refused }) => {
          const request = post('/api/auth/token', { username: 'root', password: 'x'.repeat(100 * 1024) });
          await refused('submarine', request, { status: 413, words: 'the body is larger than 65536 bytes' });
        },
        mlflow: notFitting('gives out no tokens'),
        seed: notFitting('gives out no tokens'),
        foundry: notFitting('gives out no tokens'),
        gateway: withoutBodies,
      },
    },
    {
      name: 'a gzip that says so',
      cells: everyDialect(withoutBodies, (face) => async (site) => {
        const taking = (await routesOf(face, site)).filter(({ takes }) => takes.length > 0);
        for (const { method, path, takes } of taking) {
          const [type = null] = takes;
          const query = path.includes('upload-artifact') ? `?run_uuid=${site.names.run}&path=bomb` : '';
          const request = {
            method,
            path: `${path}${query}`,
            body: bomb(),
            type: type === 'multipart/form-data' ? `${type}; boundary=b` : type,
            headers: { 'Content-Encoding': 'gzip' },
          };
          await site.refused(face, request, {
            status: face === 'mlflow' ? 400 : 415,
            words: /compressed|form/,
          });
        }
      }),
    },
    {
      name: 'a gzip that is kept as it is',
      cells: {
        polyaxon: notFitting('unpacks what is uploaded: see the archives below'),
        submarine: notFitting('takes no files'),
        async mlflow(site) {
          const [root = ''] = proxied(site.names);
          const at = { path: `${root}/bomb.gz` };
          expect(
            (await site.send({ method: 'PUT', ...at, body: bomb(), type: 'application/gzip' })).http,
          ).toBe(200);
          const got = await site.send({ method: 'GET', ...at });
          expect(got.headers.get('content-length')).toBe(String(bomb().length));
          expect(got.headers.get('content-encoding')).toBeNull();
          expect((await site.send({ method: 'DELETE', ...at })).http).toBe(200);
        },
        async seed(site) {
          const [root = ''] = proxied(site.names);
          const path = `/api/v1/experiments/runs/${site.names.run}/log-artifact`;
          const stored = await site.send({
            method: 'POST',
            path,
            ...form('file', 'bomb.gz', bomb(), 'application/gzip'),
          });
          expect(JSON.parse(stored.text)).toMatchObject({ path: 'bomb.gz', size: bomb().length });
          expect((await site.send({ method: 'DELETE', path: `${root}/bomb.gz` })).http).toBe(200);
        },
        foundry: notFitting('takes no files'),
        gateway: withoutBodies,
      },
    },
    {
      name: 'a YAML bomb',
      cells: {
        async polyaxon(site) {
          await yaml('polyaxon', 415)(site);
          const content = `version: 1\nkind: experiment\nrun: {cmd: x}\nparams:\n${laughs.replace(/^/gm, '  ')}`;
          const request = post('/api/v1/root/p/experiments', { content });
          await site.refused('polyaxon', request, { status: 400, words: '"content"' });
        },
        async submarine(site) {
          for (const path of ['/api/v1/experiment', '/api/v1/environment', '/api/v1/template'])
            await site.refused(
              'submarine',
              { method: 'POST', path, body: laughs, type: 'application/yaml' },
              { status: 400, words: /alias|YAML/i },
            );
        },
        mlflow: yaml('mlflow', 400),
        seed: yaml('seed', 415),
        foundry: yaml('foundry', 415),
        gateway: withoutBodies,
      },
    },
    climbingArchives,
  ],
};
