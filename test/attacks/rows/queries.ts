import { expect } from 'vitest';
import type { RawRequest } from '../../support/raw-http.js';
import { foundryRun } from '../doors.js';
import type { Face } from '../faces.js';
import { notFitting, others, type Row, type Tried } from '../matrix.js';
import type { Names, Refused } from '../site.js';

const escaped = encodeURIComponent;
const get = (path: string): RawRequest => ({ method: 'GET', path });
const post = (path: string, body: object | string): RawRequest => ({
  method: 'POST',
  path,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

type Case = readonly [request: RawRequest, words: Refused['words'], status?: number];

const refuses =
  (face: Face, cases: (names: Names) => readonly Case[]): Tried =>
  async (site) => {
    for (const [request, words, status = 400] of cases(site.names))
      await site.refused(face, request, { status, words });
  };

const mlflow = (path: string) => ['/api/2.0/mlflow', '/ajax-api/2.0/mlflow'].map((api) => api + path);
const foundrySearch = ({ modelRid }: Names) => `/api/v2/models/${modelRid}/experiments/search?preview=true`;
const polyaxonRuns = '/api/v1/root/p/experiments';

/** Searches of MLflow's, with the fields that each needs. */
const searches = ({ experiment }: Names): readonly (readonly [path: string, needs: object])[] =>
  [
    ['/runs/search', { experiment_ids: [experiment] }] as const,
    ['/experiments/search', { max_results: 10 }] as const,
    ['/logged-models/search', { experiment_ids: [experiment] }] as const,
  ].flatMap(([path, needs]) => mlflow(path).map((at) => [at, needs] as const));

const tokens = [
  'x',
  '../..',
  "' or 1=1 --",
  'W10',
  'eyJhIjoxfQ',
  // A well-formed place, of another order and of nobody.
  Buffer.from('["AAAAAAAAAAAA",1,2]').toString('base64url'),
  'A'.repeat(8_000),
];

/** Places that a list of numbered pages may be asked to begin at. */
const offsets = ['-1', 'x', '1.5', '1e309', '99999999999999999999', "0' or 1=1"];

const sql = [
  "name = 'x'; DROP TABLE run; --",
  "params.a = '' UNION SELECT token FROM token",
  'metrics.a > 1 OR 1 = 1 --',
  '1); DELETE FROM run; --',
];

const quotes = ["params.a = 'x", 'params.a = "x', 'params.`a = 1', "params.a = 'x' AND params.`b = 'y'", "'"];

const filterOf = (filter: string, names: Names): readonly Case[] =>
  searches(names).map(([path, needs]) => [post(path, { ...needs, filter }), /'filter' supplied: at \d+: /]);

/** What is a name or a piece of text here is found nowhere, and is nothing else. */
const isText =
  (
    requests: (text: string, names: Names) => readonly RawRequest[],
    texts: readonly string[],
    nothing: object,
  ): Tried =>
  async (site) => {
    for (const text of texts)
      for (const request of requests(text, site.names)) {
        const { http, text: answer } = await site.send(request);
        expect([request.path, http, JSON.parse(answer)]).toEqual([
          request.path,
          200,
          expect.objectContaining(nothing),
        ]);
      }
  };

const both =
  (...tries: readonly Tried[]): Tried =>
  async (site) => {
    for (const one of tries) await one(site);
  };

const seedSearch = isText(
  (text) => [get(`/api/v1/experiments?search=${escaped(text)}`)],
  [...sql, ...quotes],
  {
    total: 0,
    experiments: [],
  },
);

const submarineTexts = (texts: readonly string[]) =>
  both(
    isText(
      (text) => [
        get(`/api/v1/experiment?status=${escaped(text)}`),
        post('/api/metric/selective', { id: text, metricKey: text, workerIndex: text }),
        post('/api/param/selective', { id: text, paramKey: text }),
      ],
      texts,
      { result: [] },
    ),
    refuses('submarine', () =>
      texts.map((text) => [get(`/api/v1/experiment/${escaped(text)}`), 'Not found experiment.', 404]),
    ),
  );

const foundryTexts = (texts: readonly string[]) =>
  refuses('foundry', (names) =>
    texts.flatMap((text): readonly Case[] => [
      [post(foundrySearch(names), { where: text }), 'InvalidExperimentSearchFilter: where'],
      [post(foundrySearch(names), { where: { type: 'eq', field: text, value: 'x' } }), 'where.field'],
      [post(foundrySearch(names), { orderBy: text }), 'orderBy'],
      [get(`/api/v2/models/${escaped(text)}?preview=true`), 'modelRid'],
      [
        get(`${foundryRun(names)}/series/${escaped(text)}/json?preview=true`),
        'ExperimentSeriesNotFound',
        404,
      ],
    ]),
  );

const polyaxonTexts = (texts: readonly string[]) =>
  refuses('polyaxon', () =>
    texts.flatMap((text): readonly Case[] => [
      [get(`${polyaxonRuns}?query=${escaped(`status:running, ${text}`)}`), /"query":\["at \d+: /],
      // After `metrics.` everything is a name.
      ...(text.startsWith('metrics.')
        ? []
        : [[get(`${polyaxonRuns}?sort=${escaped(`id,${text},`)}`), /"sort":\["at \d+: /] as const]),
      [get(`/api/v1/experiments?query=${escaped(text)}`), /"query":\["at \d+: /],
    ]),
  );

/** It is all experiments, for Polyaxon's clients alone: they are known by how they send their token. */
const asPolyaxon = ({ path, ...request }: RawRequest): RawRequest =>
  path.startsWith('/api/v1/experiments')
    ? { path, ...request, headers: { Authorization: 'Token x' } }
    : { path, ...request };

const polyaxon =
  (tried: Tried): Tried =>
  (site) =>
    tried({
      ...site,
      refused: (face, request, expected) => site.refused(face, asPolyaxon(request), expected),
    });

const seedTexts = (texts: readonly string[]) =>
  both(
    seedSearch,
    refuses('seed', ({ experiment }) =>
      texts.flatMap((text): readonly Case[] => [
        [get(`/api/v1/experiments?lifecycle_stage=${escaped(text)}`), '"field":"lifecycle_stage"'],
        [
          get(`/api/v1/experiments/runs?experiment_id=${experiment}&status=${escaped(text)}`),
          '"field":"status"',
        ],
        [get(`/api/v1/experiments/runs?experiment_id=${escaped(text)}`), '"field":"experiment_id"'],
      ]),
    ),
  );

const mlflowTexts = (texts: readonly string[]) =>
  refuses('mlflow', (names) =>
    texts.flatMap((text): readonly Case[] => [
      ...filterOf(text, names),
      ...mlflow('/runs/search').map(
        (path): Case => [
          post(path, { experiment_ids: ['0'], order_by: [text] }),
          /'order_by\[0\]' supplied: at \d+/,
        ],
      ),
      ...mlflow('/runs/search').map(
        (path): Case => [post(path, { experiment_ids: [text] }), "'experiment_ids'"],
      ),
    ]),
  );

const many = 5_000;
const numbers = [
  '0',
  '-1',
  '-2147483649',
  '2147483648',
  '9223372036854775808',
  '1e309',
  '1.5',
  '"x"',
  'true',
  '[]',
  '{}',
];
/** Of those that an address can hold; an empty one, or none, is the standard. */
const inAddresses = [
  '-1',
  '2147483648',
  '9223372036854775808',
  '1e309',
  '1.5',
  'x',
  'true',
  '0x10',
  '%D9%A1',
];

export const queries: Row = {
  title: 'forged page tokens, filters and bounds',
  attacks: [
    {
      name: 'forged tokens',
      cells: {
        polyaxon: polyaxon(
          refuses('polyaxon', () =>
            offsets.flatMap((offset): readonly Case[] =>
              [
                polyaxonRuns,
                `${polyaxonRuns}/1/metrics`,
                `${polyaxonRuns}/1/statuses`,
                '/api/v1/root',
                '/api/v1/experiments',
              ].map((path) => [get(`${path}?offset=${escaped(offset)}`), '"offset"']),
            ),
          ),
        ),
        submarine: refuses('submarine', () =>
          offsets.map((offset) => [get(`/api/v1/experiment?offset=${escaped(offset)}`), 'offset: ']),
        ),
        mlflow: refuses('mlflow', (names) =>
          tokens.flatMap((page_token): readonly Case[] => [
            ...searches(names).map(
              ([path, needs]): Case => [post(path, { ...needs, page_token }), "'page_token' supplied"],
            ),
            ...mlflow('/experiments/search').map(
              (path): Case => [
                get(`${path}?max_results=10&page_token=${escaped(page_token)}`),
                "'page_token' supplied",
              ],
            ),
            ...mlflow('/metrics/get-history').map(
              (path): Case => [
                get(
                  `${path}?run_id=${names.run}&metric_key=loss&max_results=1&page_token=${escaped(page_token)}`,
                ),
                "'page_token' supplied",
              ],
            ),
          ]),
        ),
        seed: refuses('seed', ({ experiment }) =>
          offsets.flatMap((offset): readonly Case[] => [
            [get(`/api/v1/experiments?offset=${escaped(offset)}`), '"field":"offset"'],
            [
              get(`/api/v1/experiments/runs?experiment_id=${experiment}&offset=${escaped(offset)}`),
              '"field":"offset"',
            ],
          ]),
        ),
        foundry: refuses('foundry', (names) =>
          tokens.map((pageToken) => [
            post(foundrySearch(names), { pageToken }),
            'InvalidPageToken: pageToken',
          ]),
        ),
        gateway: notFitting('has no lists'),
      },
    },
    {
      name: 'SQL',
      cells: {
        polyaxon: polyaxon(polyaxonTexts(sql)),
        submarine: submarineTexts(sql),
        mlflow: mlflowTexts(sql),
        seed: seedTexts(sql),
        foundry: foundryTexts(sql),
        gateway: refuses('gateway', () =>
          sql.map((text) => [get(`/openapi/${escaped(text)}`), 'not_found', 404]),
        ),
      },
    },
    {
      name: 'quotes that nothing closes',
      cells: {
        polyaxon: polyaxon(polyaxonTexts(quotes)),
        submarine: submarineTexts(quotes),
        mlflow: mlflowTexts(quotes),
        seed: seedTexts(quotes),
        foundry: foundryTexts(quotes),
        gateway: notFitting('has no filters'),
      },
    },
    {
      name: '5,000 ANDs',
      cells: others(
        {
          polyaxon: async (site) => {
            // As many as an address can hold.
            const query = Array.from({ length: 2_500 }, () => 'id:1').join(',');
            await site.refused('polyaxon', get(`${polyaxonRuns}?query=${query}`), {
              status: 400,
              words: /"query":\["at \d+: /,
            });
            const longer = await site.send(get(`${polyaxonRuns}?query=${query},${query}`));
            expect(longer).toMatchObject({
              http: 431,
              text: expect.stringContaining('header_fields_too_large'),
            });
          },
          mlflow: refuses('mlflow', (names) =>
            ['metrics.a > 1', "name = 'x'"].flatMap((condition) =>
              filterOf(Array.from({ length: many }, () => condition).join(' AND '), names),
            ),
          ),
          foundry: refuses('foundry', (names) => {
            const running = { type: 'eq', field: 'STATUS', value: 'RUNNING' };
            const wide = { type: 'and', filters: Array.from({ length: many }, () => running) };
            let deep: object = running;
            for (let depth = 0; depth < 1_000; depth += 1) deep = { type: 'and', filters: [deep, running] };
            return [
              [post(foundrySearch(names), { where: wide }), 'InvalidExperimentSearchFilter: where'],
              [post(foundrySearch(names), { where: deep }), ''],
            ];
          }),
        },
        () => notFitting('has no language of filters'),
      ),
    },
    {
      name: 'max_results out of range',
      cells: {
        polyaxon: polyaxon(
          refuses('polyaxon', () =>
            inAddresses.flatMap((limit): readonly Case[] =>
              [polyaxonRuns, `${polyaxonRuns}/1/metrics`, '/api/v1/root', '/api/v1/experiments'].map(
                (path) => [get(`${path}?limit=${limit}`), '"limit"'],
              ),
            ),
          ),
        ),
        submarine: refuses('submarine', () =>
          inAddresses.map((limit) => [get(`/api/v1/experiment?limit=${limit}`), 'limit: ']),
        ),
        mlflow: refuses('mlflow', (names) => [
          ...[...numbers, '50001'].flatMap((number): readonly Case[] =>
            searches(names).map(([path, needs]) => [
              post(
                path,
                JSON.stringify({ ...needs, max_results: 0 }).replace(
                  /"max_results":0/,
                  `"max_results":${number}`,
                ),
              ),
              "'max_results' supplied",
            ]),
          ),
          ...inAddresses.flatMap((number): readonly Case[] => [
            ...mlflow('/experiments/search').map(
              (path): Case => [get(`${path}?max_results=${number}`), "'max_results' supplied"],
            ),
            ...mlflow('/metrics/get-history').map(
              (path): Case => [
                get(`${path}?run_id=${names.run}&metric_key=loss&max_results=${number}`),
                "'max_results' supplied",
              ],
            ),
          ]),
        ]),
        seed: refuses('seed', ({ experiment }) =>
          [...inAddresses, '0', '1001'].flatMap((limit): readonly Case[] => [
            [get(`/api/v1/experiments?limit=${limit}`), '"field":"limit"'],
            [get(`/api/v1/experiments/runs?experiment_id=${experiment}&limit=${limit}`), '"field":"limit"'],
          ]),
        ),
        foundry: refuses('foundry', (names) => [
          // More than there are at most is as many as there are at most.
          ...numbers
            .filter((number) => number !== '2147483648')
            .map((number): Case => [post(foundrySearch(names), `{"pageSize":${number}}`), 'pageSize']),
          ...inAddresses
            .filter((number) => number !== '2147483648')
            .map(
              (number): Case => [
                get(`${foundryRun(names)}/series/loss/json?preview=true&pageSize=${number}`),
                'pageSize',
              ],
            ),
        ]),
        gateway: notFitting('has no lists'),
      },
    },
  ],
};
