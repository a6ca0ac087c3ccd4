import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderError } from '../../../adapters/polyaxon/errors.js';
import { CoreError } from '../../../src/core/errors.js';
import type { ProjectKey } from '../../../src/core/ids.js';
import type { Context } from '../../../src/services/context.js';
import { trashProject } from '../../../src/services/projects/trash.js';
import { trashRun } from '../../../src/services/runs/trash.js';
import { aRun } from '../../support/builders.js';
import { type Client, createClient, listOf, routes } from './harness.js';

const projects = '/api/v1/projects';
const experiments = '/api/v1/root/p/experiments';

let client: Client;
/** What another dialect, which knows a trash, does for the same user. */
let ctx: Context;
let projectKey: ProjectKey;

beforeEach(async () => {
  client = await createClient();
  await client.call('POST', projects, { body: { name: 'p' } });
  for (let count = 0; count < 2; count += 1)
    await client.call('POST', experiments, { body: { is_managed: false } });
  const { ports, workspace } = client.site.deps;
  const user = await ports.store.read.accounts.findUser('root');
  const project = await ports.store.read.projects.findByName(workspace.key, 'p');
  if (user === null || project === null) throw new Error('the user and the project are there');
  ctx = { ports, workspace, actor: { user, runKey: null } };
  projectKey = project.key;
});

afterEach(() => client.close());

const answered = async (method: string, path: string) => {
  const body = method === 'get' || method === 'delete' ? {} : { body: {} };
  return (await client.call(method.toUpperCase(), path, body)).http;
};

describe('what another dialect has trashed', () => {
  const ofRuns = routes.filter(({ path }) => path.includes('/experiments/{id}'));

  it('is an experiment that no route knows', async () => {
    expect(ofRuns.length).toBeGreaterThan(10);
    await trashRun(ctx, { projectKey, number: 1 });
    for (const { method, path } of ofRuns) {
      const at = (id: string) =>
        path
          .replace('{username}', 'root')
          .replace('{project_name}', 'p')
          .replace(/\{\w+\}/g, id);
      expect(await answered(method, at('1')), `${method} ${path}`).toBe(await answered(method, at('99')));
    }
    expect(await answered('get', `${experiments}/1`)).toBe(404);
    expect(await answered('delete', `${experiments}/1`)).toBe(404);
    expect(listOf((await client.call('GET', experiments)).body).results).toMatchObject([{ id: 2 }]);
  });

  it('is a project that is not there, and whose name is taken all the same', async () => {
    await trashProject(ctx, { key: projectKey });
    for (const path of ['/api/v1/root/p', experiments, `${experiments}/1`])
      expect(await answered('get', path)).toBe(404);
    expect(await answered('delete', '/api/v1/root/p')).toBe(404);
    const again = await client.call('POST', projects, { body: { name: 'p' } });
    expect(again).toMatchObject({ http: 400, body: { name: [expect.stringContaining('p')] } });
  });

  it('between a look and a write is not there either', () => {
    const { id } = aRun();
    expect(
      renderError(new CoreError({ code: 'trashed', entity: 'run', id }, 'the run is deleted'), ''),
    ).toEqual(renderError(new CoreError({ code: 'not_found', entity: 'run' }, ''), ''));
  });
});
