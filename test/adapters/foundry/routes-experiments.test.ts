import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPolyaxonAdapter } from '../../../adapters/polyaxon/index.js';
import { createSubmarineAdapter } from '../../../adapters/submarine/index.js';
import type { Adapter } from '../../../src/http/adapter.js';
import type { Context } from '../../../src/services/context.js';
import { createProject } from '../../../src/services/projects/create.js';
import { deleteProject } from '../../../src/services/projects/delete.js';
import { deleteRun } from '../../../src/services/runs/delete.js';
import { reportStatus } from '../../../src/services/runs/report-status.js';
import { trashRun } from '../../../src/services/runs/trash.js';
import { aProject } from '../../support/services.js';
import { parquetOf } from '../../tables/parquet-files.js';
import { seedExperiment } from '../submarine/harness.js';
import { type Client, createClient, errorOf, objectOf } from './harness.js';
import { contextOf, type Made, makeRun, param, point } from './site.js';

let client: Client;
let ctx: Context;

beforeEach(async () => {
  client = await createClient();
  ctx = await contextOf(client.site);
});

afterEach(() => client.close());

const get = (path: string) => client.call('GET', `${path}?preview=true`);
const search = (modelRid: string, body?: unknown) =>
  client.call('POST', `/api/v2/models/${modelRid}/experiments/search?preview=true`, { body });

/** The RIDs that a search finds. */
async function found(modelRid: string, body?: unknown): Promise<readonly unknown[]> {
  const answer = await search(modelRid, body);
  expect(answer.http).toBe(200);
  return (objectOf(answer.body).data as readonly object[]).map((one) => objectOf(one).rid);
}

const unknown = '01981b2c-7d43-7e55-a1f0-5a6f5a3c9b11';

describe('a model', () => {
  it('is a project, and says its RID alone', async () => {
    const { modelRid } = await makeRun(ctx);
    expect((await get(`/api/v2/models/${modelRid}`)).body).toEqual({ rid: modelRid });
  });

  it('is not found where no project is', async () => {
    const { project } = await createProject(ctx, aProject());
    await deleteProject(ctx, { key: project.key });
    for (const id of [unknown, project.id, 'abc123', unknown.toUpperCase()]) {
      const modelRid = `ri.models.main.model.${id}`;
      const wanted = [404, 'ModelNotFound', { modelRid }];
      expect(errorOf(await get(`/api/v2/models/${modelRid}`))).toEqual(wanted);
      expect(errorOf(await search(modelRid, {}))).toEqual(wanted);
    }
  });
});

describe('an experiment', () => {
  it('is a run with all that was written of it', async () => {
    const { path, modelRid, experimentRid } = await makeRun(ctx, {
      params: [param('lr', '0.1')],
      tags: [
        { key: 'a', value: null },
        { key: 'foundry.branch=dev', value: null },
      ],
      points: [point('loss', 2, 1), point('loss', 1, 2), point('loss', Number.NaN, 0)],
      files: {
        'tables/a.parquet': parquetOf([{ name: 'x', data: [1, 2, 3], type: 'INT32' }]),
        'damaged.parquet': 'no Parquet',
        'notes.json': '{"columns":["x"],"data":[[1]]}',
      },
    });
    const { body } = await get(path);
    expect(body).toMatchObject({
      rid: experimentRid,
      modelRid,
      status: 'RUNNING',
      branch: 'dev',
      parameters: [{ name: 'lr', value: { type: 'double', value: 0.1 } }],
      series: [{ name: 'loss', length: 2, value: { type: 'double', last: 1, min: 1, max: 2 } }],
      tags: ['a'],
    });
    // Neither what is damaged nor what nobody called a table.
    expect(Object.keys(objectOf(objectOf(body).artifacts))).toEqual(['tables/a.parquet']);
    expect(objectOf(body).artifacts).toMatchObject({
      'tables/a.parquet': { details: { type: 'table', rowCount: 3 } },
    });
  });

  it('has the tables that a tag names', async () => {
    const table = (path: string) => ({ path, type: 'table' });
    const { path } = await makeRun(ctx, {
      tags: [
        { key: 'mlflow.loggedArtifacts', value: JSON.stringify([table('eval.json'), table('none.json')]) },
      ],
      files: {
        'eval.json': '{"columns":["x"],"data":[[1],[2]]}',
        'other.json': '{"columns":["x"],"data":[]}',
      },
    });
    expect(objectOf((await get(path)).body).artifacts).toEqual({
      'eval.json': { name: 'eval.json', sizeBytes: 34, details: { type: 'table', rowCount: 2 } },
    });
  });

  it('tells why it failed', async () => {
    const { path, run } = await makeRun(ctx);
    const report = { at: null, traceback: null, details: null };
    await reportStatus(ctx, { id: run.id }, { ...report, status: 'failed', message: 'out of luck' });
    expect((await get(path)).body).toMatchObject({ status: 'FAILED', statusMessage: 'out of luck' });
  });

  it('is any run, whichever dialect created it', async () => {
    const { deps } = client.site;
    const post = async ({ app }: Adapter, path: string, body: unknown) => {
      const headers = { Host: '127.0.0.1:5050', 'Content-Type': 'application/json' };
      const request = new Request(`http://127.0.0.1:5050${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return objectOf(await (await app.fetch(request)).json());
    };
    const submitted = await post(createSubmarineAdapter(deps), '/api/v1/experiment', seedExperiment);
    const tracked = await post(createPolyaxonAdapter(deps), '/api/v1/root/default/experiments', {
      is_managed: false,
      params: { lr: 0.5, deep: { a: 1 } },
    });
    const hex = String(tracked.uuid);
    const ids = [
      String(objectOf(submitted.result).uid),
      hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    ];
    const { modelRid } = await makeRun(ctx);
    for (const id of ids) {
      const { http, body } = await get(
        `/api/v2/models/${modelRid}/experiments/ri.models.main.experiment.${id}`,
      );
      expect([http, objectOf(body).modelRid]).toEqual([200, modelRid]);
      if (id === ids[1])
        expect(objectOf(body).parameters).toEqual([
          { name: 'lr', value: { type: 'double', value: 0.5 } },
          { name: 'deep', value: { type: 'string', value: '{"a":1}' } },
        ]);
    }
    expect(await found(modelRid)).toHaveLength(3);
  });

  it('is not found where no run of the model is', async () => {
    const { modelRid, experimentRid } = await makeRun(ctx);
    const gone = await makeRun(ctx);
    await deleteRun(ctx, { id: gone.run.id });
    const trashed = await makeRun(ctx);
    await trashRun(ctx, { id: trashed.run.id });
    const { project } = await createProject(ctx, aProject());
    const other = `ri.models.main.model.${project.id}`;
    const pairs = [
      [modelRid, `ri.models.main.experiment.${unknown}`],
      [modelRid, 'ri.models.main.experiment.abc123'],
      [modelRid, gone.experimentRid],
      [modelRid, trashed.experimentRid],
      [modelRid, modelRid],
      [other, experimentRid],
      [`ri.models.main.model.${unknown}`, experimentRid],
      ['ri.a..b.c', 'ri.a..b.c'],
    ] as const;
    for (const [model, experiment] of pairs) {
      const at = `/api/v2/models/${model}/experiments/${experiment}`;
      const wanted = [404, 'ModelExperimentNotFound', { modelRid: model, experimentRid: experiment }];
      for (const rest of [
        '',
        '/series/loss/json',
        '/series/loss/parquet',
        '/artifactTables/a/json',
        '/artifactTables/a/parquet',
      ])
        expect(
          errorOf(
            await client.raw('GET', `${at}${rest}?preview=true`).then(async (answer) => ({
              http: answer.status,
              headers: answer.headers,
              text: '',
              body: await answer.json(),
            })),
          ),
        ).toEqual(wanted);
    }
    expect(await found(modelRid)).toEqual([experimentRid]);
  });
});

describe('a request', () => {
  let made: Made;

  beforeEach(async () => {
    made = await makeRun(ctx, { points: [point('loss', 1)] });
  });

  it.each([['no model', 'x', 'y'], ['a model', '', ''] as const])(
    'of %s must ask for the preview first of all',
    async (_name, model, experiment) => {
      const path = model === '' ? made.path : `/api/v2/models/${model}/experiments/${experiment}`;
      for (const query of [
        '',
        '?preview=false',
        '?preview=True',
        '?preview',
        '?preview=true&preview=true',
        '?offset=x',
      ]) {
        for (const rest of ['', '/series/loss/json', '/artifactTables/a/parquet'])
          expect(errorOf(await client.call('GET', path + rest + query))).toEqual([
            400,
            'ApiFeaturePreviewUsageOnly',
            {},
          ]);
      }
      const searched = path.replace(/experiments\/.*/, 'experiments/search');
      expect(errorOf(await client.call('POST', searched, { body: '{' }))).toEqual([
        400,
        'ApiFeaturePreviewUsageOnly',
        {},
      ]);
    },
  );

  it('with what is no RID is wrong', async () => {
    const { modelRid, experimentRid } = made;
    for (const bad of [
      'x',
      'ri.x',
      `${modelRid}!`,
      'ri.models.main.model.',
      '%20',
      'a%2Fb',
      '..%2f..%2fetc',
    ]) {
      const paths = [
        `/api/v2/models/${bad}`,
        `/api/v2/models/${bad}/experiments/${experimentRid}`,
        `/api/v2/models/${modelRid}/experiments/${bad}`,
      ];
      for (const path of paths) {
        const answer = await get(path);
        expect(errorOf(answer)).toEqual([400, 'Conjure:InvalidArgument', {}]);
        expect(objectOf(answer.body).errorDescription).toMatch(
          /^(model|experiment)Rid: must be a Resource Identifier/,
        );
      }
    }
  });

  it('for nothing that there is gets the envelope, too', async () => {
    expect(errorOf(await get('/api/v2/ontologies'))).toEqual([404, 'Default:NotFound', {}]);
    expect(errorOf(await get('/api/v2'))).toEqual([404, 'Default:NotFound', {}]);
    const answer = await client.call('DELETE', `${made.path}?preview=true`);
    expect(errorOf(answer)).toEqual([405, 'Conjure:MethodNotAllowed', {}]);
    expect(answer.headers.get('allow')).toContain('GET');
  });

  it('that fails says nothing but an id, under which it is logged', async () => {
    const { ports } = client.site.deps;
    const { find } = ports.store.read.runs;
    Object.assign(ports.store.read.runs, { find: () => Promise.reject(new Error('select * from /secret')) });
    const answer = await get(made.path);
    Object.assign(ports.store.read.runs, { find });
    expect(errorOf(answer)).toEqual([500, 'Default:Internal', {}]);
    expect(answer.text).not.toContain('secret');
    const id = String(objectOf(answer.body).errorInstanceId);
    const line = client.site.logged.find((text) => text.includes(id)) ?? '';
    expect(JSON.parse(line)).toMatchObject({ msg: 'a request failed', instanceId: id });
    expect(line).toContain('secret');
  });

  it('that is refused is logged once by the id of its error', async () => {
    const cases = [
      [await get(made.path.replace('experiment.', 'experiment.x')), 'not_found'],
      [await client.call('DELETE', made.path), 'method_not_allowed'],
      [await client.call('GET', made.path, { headers: { Host: 'evil.example' } }), 'forbidden'],
    ] as const;
    for (const [refused, code] of cases) {
      const id = String(objectOf(refused.body).errorInstanceId);
      const lines = client.site.logged.filter((text) => text.includes(id)).map((text) => JSON.parse(text));
      expect(lines).toEqual([
        expect.objectContaining({ msg: 'a request was refused', instanceId: id, code }),
      ]);
    }
  });
});

describe('a search', () => {
  it('is of all experiments of its model, the newest first, without a body or with nothing in it', async () => {
    const first = await makeRun(ctx);
    const second = await makeRun(ctx);
    const { project } = await createProject(ctx, aProject());
    await makeRun(ctx, { projectNumber: project.number });
    for (const body of [
      undefined,
      '',
      {},
      'null',
      { where: null, orderBy: null, pageSize: null, pageToken: null },
    ])
      expect(await found(first.modelRid, body)).toEqual([second.experimentRid, first.experimentRid]);
    const order = { field: 'CREATED_TIME', direction: 'ASC' };
    expect(await found(first.modelRid, { orderBy: order })).toEqual([
      first.experimentRid,
      second.experimentRid,
    ]);
    expect(await found(first.modelRid, { unknown: 5 })).toHaveLength(2);
  });

  it('shows what the experiments’ own endpoints show', async () => {
    const made = await makeRun(ctx, {
      params: [param('a', '1')],
      points: [point('m', 1)],
      files: { 'a.parquet': parquetOf([{ name: 'x', data: [1], type: 'INT32' }]) },
    });
    const { body } = await search(made.modelRid, {});
    expect(body).toEqual({ data: [(await get(made.path)).body] });
  });

  it('comes in pages, that neither skip nor repeat an experiment while others are added', async () => {
    const made: Made[] = [];
    for (let count = 0; count < 7; count += 1) made.push(await makeRun(ctx));
    const { modelRid } = made[0] ?? (await makeRun(ctx));
    const seen: unknown[] = [];
    let pageToken: unknown;
    do {
      const { body } = await search(modelRid, { pageSize: 3, pageToken });
      const page = objectOf(body);
      seen.push(...(page.data as readonly object[]).map((one) => objectOf(one).rid));
      pageToken = page.nextPageToken;
      await makeRun(ctx);
    } while (pageToken !== undefined);
    expect(seen).toEqual(made.map(({ experimentRid }) => experimentRid).reverse());
  });

  it('has 50 experiments on a page, and 100 at most', async () => {
    const { modelRid } = await makeRun(ctx);
    for (let count = 1; count < 120; count += 1) await makeRun(ctx);
    const sizeOf = async (pageSize?: number) => (await found(modelRid, { pageSize })).length;
    expect([await sizeOf(), await sizeOf(7), await sizeOf(1000), await sizeOf(2 ** 40)]).toEqual([
      50, 7, 100, 100,
    ]);
  });

  it('is refused in words of its own', async () => {
    const { modelRid } = await makeRun(ctx);
    await makeRun(ctx);
    const token = String(objectOf((await search(modelRid, { pageSize: 1 })).body).nextPageToken);
    const status = { type: 'eq', field: 'STATUS', value: 'QUEUED' };
    const cases: readonly (readonly [unknown, unknown])[] = [
      [{ pageSize: 0 }, [400, 'InvalidPageSize', { pageSize: 0 }]],
      [{ pageSize: -5 }, [400, 'InvalidPageSize', { pageSize: -5 }]],
      [{ pageSize: 1.5 }, [400, 'Conjure:InvalidArgument', {}]],
      [{ pageSize: '5' }, [400, 'Conjure:InvalidArgument', {}]],
      [{ pageToken: 'x' }, [400, 'InvalidPageToken', { pageToken: 'x' }]],
      [
        { pageToken: token, where: { type: 'eq', field: 'TAG', value: 'a' } },
        [400, 'InvalidPageToken', { pageToken: token }],
      ],
      [{ pageToken: `${token}x` }, [400, 'InvalidPageToken', { pageToken: `${token}x` }]],
      [{ pageToken: 5 }, [400, 'Conjure:InvalidArgument', {}]],
      [{ orderBy: { field: 'RELEVANCE', direction: 'ASC' } }, [400, 'Conjure:InvalidArgument', {}]],
      [{ orderBy: { field: 'CREATED_TIME' } }, [400, 'Conjure:InvalidArgument', {}]],
      [
        { where: status },
        [
          400,
          'InvalidExperimentSearchFilter',
          { reason: 'where.value: must be one of RUNNING, SUCCEEDED, FAILED, not "QUEUED"' },
        ],
      ],
      ['{', [400, 'Conjure:InvalidArgument', {}]],
      ['[]', [400, 'Conjure:InvalidArgument', {}]],
    ];
    for (const [body, error] of cases)
      expect([body, errorOf(await search(modelRid, body))]).toEqual([body, error]);
    expect((await search(modelRid, { pageToken: token, pageSize: 1 })).http).toBe(200);
  });

  it('refuses a token whose place was forged', async () => {
    const { modelRid } = await makeRun(ctx);
    await makeRun(ctx);
    const token = String(objectOf((await search(modelRid, { pageSize: 1 })).body).nextPageToken);
    const [known] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string];
    for (const place of ['', 'x', 'W10', Buffer.from('["a",{}]').toString('base64url')]) {
      const forged = Buffer.from(JSON.stringify([known, place])).toString('base64url');
      expect(errorOf(await search(modelRid, { pageToken: forged }))).toEqual([
        400,
        'InvalidPageToken',
        { pageToken: forged },
      ]);
    }
  });
});
