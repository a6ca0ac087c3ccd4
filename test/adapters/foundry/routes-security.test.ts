import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../../src/services/accounts/add-user.js';
import { createToken } from '../../../src/services/accounts/create-token.js';
import { issueRunToken } from '../../../src/services/accounts/run-token.js';
import type { Context } from '../../../src/services/context.js';
import { createProject } from '../../../src/services/projects/create.js';
import { reportStatus } from '../../../src/services/runs/report-status.js';
import { aProject } from '../../support/services.js';
import { parquetOf } from '../../tables/parquet-files.js';
import { type Client, createClient, errorOf, routes } from './harness.js';
import { contextOf, type Made, makeRun, point } from './site.js';

let client: Client;
let ctx: Context;
let made: Made;

beforeEach(async () => {
  client = await createClient({ auth: 'token' });
  ctx = await contextOf(client.site);
  made = await makeRun(ctx, {
    points: [point('loss', 1)],
    files: { 'a.parquet': parquetOf([{ name: 'x', data: [1], type: 'INT32' }]) },
  });
});

afterEach(() => client.close());

async function tokenOf(name: string, role: 'reader' | 'writer' | 'none'): Promise<string> {
  const { ports, workspace } = client.site.deps;
  await addUser(ports, { name, role, workspace: workspace.name, superuser: false });
  return (await createToken(ports, { user: name, label: null, expiresAt: null })).secret;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** A request to each route, about what there is. */
function requests(of: Made = made): readonly { operationId: string; method: string; path: string }[] {
  return routes.map(({ operationId, method, path }) => ({
    operationId,
    method: method.toUpperCase(),
    path: path
      .replace('{modelRid}', of.modelRid)
      .replace('{experimentRid}', of.experimentRid)
      .replace('{experimentSeriesName}', 'loss')
      .replace('{experimentArtifactTableName}', 'a.parquet'),
  }));
}

async function statuses(token: string, of: Made = made): Promise<readonly number[]> {
  const answers: number[] = [];
  for (const { method, path } of requests(of)) {
    const answer = await client.raw(method, `${path}?preview=true`, { headers: bearer(token) });
    await answer.arrayBuffer();
    answers.push(answer.status);
  }
  return answers;
}

describe('where tokens are needed', () => {
  it('a right one is wanted before anything else is looked at', async () => {
    const wrong = [
      {},
      bearer('wrong'),
      { Authorization: 'Bearer' },
      { Authorization: 'x' },
      { Authorization: 'Basic !' },
    ];
    for (const { method, path } of requests()) {
      for (const headers of wrong) {
        // Neither the preview, nor the body, nor what there is.
        for (const at of [path, path.replace('ri.models', 'x'), `${path}?preview=true`]) {
          const body = method === 'POST' ? { body: '{' } : {};
          expect(errorOf(await client.call(method, at, { headers, ...body }))).toEqual([
            401,
            'Default:Unauthorized',
            {},
          ]);
        }
      }
    }
  });

  it('every token of a member reads, by each way that it may be sent', async () => {
    const token = await tokenOf('ann', 'reader');
    expect(await statuses(token)).toEqual(routes.map(() => 200));
    for (const scheme of ['bearer', 'token', 'Token']) {
      const answer = await client.call('GET', `${made.path}?preview=true`, {
        headers: { Authorization: `${scheme} ${token}` },
      });
      expect(answer.http).toBe(200);
    }
  });
});

describe('who is no member', () => {
  it('is told what he may not do, and learns of nothing that there is', async () => {
    const stranger = bearer(await tokenOf('str', 'none'));
    const { modelRid, experimentRid } = made;
    const wanted: Readonly<Record<string, unknown>> = {
      getModel: [404, 'ModelNotFound', { modelRid }],
      getExperiment: [404, 'ModelExperimentNotFound', { modelRid, experimentRid }],
      searchExperiments: [403, 'SearchExperimentsPermissionDenied', { modelRid }],
      getExperimentSeriesJson: [
        403,
        'JsonExperimentSeriesPermissionDenied',
        { modelRid, experimentRid, experimentSeriesName: 'loss' },
      ],
      getExperimentSeriesParquet: [
        403,
        'ParquetExperimentSeriesPermissionDenied',
        { modelRid, experimentRid, experimentSeriesName: 'loss' },
      ],
      getExperimentArtifactTableJson: [
        403,
        'JsonExperimentArtifactTablePermissionDenied',
        { modelRid, experimentRid, experimentArtifactTableName: 'a.parquet' },
      ],
      getExperimentArtifactTableParquet: [
        403,
        'ParquetExperimentArtifactTablePermissionDenied',
        { modelRid, experimentRid, experimentArtifactTableName: 'a.parquet' },
      ],
    };
    for (const { operationId, method, path } of requests()) {
      const answer = await client.call(method, `${path}?preview=true`, { headers: stranger });
      expect([operationId, errorOf(answer)]).toEqual([operationId, wanted[operationId]]);
      // What there is not is told in the same words.
      const absent = path.replace(made.run.id, '01981b2c-7d43-7e55-a1f0-5a6f5a3c9b11');
      const [http, name] = errorOf(
        await client.call(method, `${absent}?preview=true`, { headers: stranger }),
      );
      expect([http, name]).toEqual(errorOf(answer).slice(0, 2));
    }
  });

  it('reads public models', async () => {
    const { project } = await createProject(ctx, aProject({ isPublic: true }));
    const open = await makeRun(ctx, {
      projectNumber: project.number,
      points: [point('loss', 1)],
      files: { 'a.parquet': parquetOf([{ name: 'x', data: [1], type: 'INT32' }]) },
    });
    const stranger = await tokenOf('str', 'none');
    expect(await statuses(stranger, open)).toEqual(routes.map(() => 200));
  });
});

describe('the token of a run', () => {
  it('reads its project, no other, and ends with its run', async () => {
    const token = await issueRunToken(ctx.ports, new Uint8Array(32).fill(7), made.run);
    expect(await statuses(token)).toEqual(routes.map(() => 200));
    const { project } = await createProject(ctx, aProject());
    const other = await makeRun(ctx, { projectNumber: project.number });
    expect((await statuses(token, other)).filter((status) => status < 400)).toEqual([]);
    const report = { at: null, message: null, traceback: null, details: null };
    await reportStatus(ctx, { id: made.run.id }, { ...report, status: 'succeeded' });
    expect(await statuses(token)).toEqual(routes.map(() => 401));
  });
});
