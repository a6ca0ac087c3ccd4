import { z } from '@hono/zod-openapi';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { HttpContext } from '../../../src/http/http-env.js';
import { proxy } from '../../../src/http/proxy.js';
import type { Context } from '../../../src/services/context.js';
import { openService } from '../../../src/services/services/open.js';
import type { SubjectRef } from '../../../src/services/services/subject.js';
import { service } from '../extensions.js';
import { atExperiment, atProject, experimentParams, projectParams } from './common.js';

const tag = 'tensorboards';
const pages = '/tensorboard/{username}/{project_name}';
const rest = z.string().openapi({ description: 'A page, below the folder of the program.' });

/** The pages of the program: its folder, which ends in a slash, and below. */
function pageRoutes(method: 'get' | 'post') {
  const shared = { method, tag, answers: { 200: { description: 'What the program answers.' } } } as const;
  const verb = method === 'get' ? 'get' : 'postTo';
  return {
    run: {
      ...shared,
      path: `${pages}/experiments/{id}/{rest{.*}}`,
      operationId: `${verb}ExperimentTensorboard`,
      summary: 'A page of the TensorBoard of an experiment',
      params: experimentParams.extend({ rest }),
    },
    project: {
      ...shared,
      path: `${pages}/{rest{.*}}`,
      operationId: `${verb}ProjectTensorboard`,
      summary: 'A page of the TensorBoard of a project',
      params: projectParams.extend({ rest }),
    },
  } as const;
}

/** The way to a folder for whoever leaves its slash out: the links of its pages are relative. */
function folderRoute(path: string, subject: string, params: typeof projectParams) {
  return {
    method: 'get',
    path,
    operationId: `find${subject}Tensorboard`,
    tag,
    summary: 'The way to the pages of a TensorBoard',
    params,
    answers: { 302: { description: 'To the same address with a slash at its end.' } },
  } as const;
}

/** Has the program answer. Its pages know the path that it was started with, however a client spells the names in it. */
async function open(ctx: Context, ref: SubjectRef, depth: number, c: HttpContext): Promise<Response> {
  const { port, pathPrefix } = await openService(ctx, ref, service, { signal: c.req.raw.signal });
  const { pathname, search } = new URL(c.req.url);
  const page = pathname.split('/').slice(depth).join('/');
  return proxy(c, { port, path: `${pathPrefix}/${page}${search}` });
}

/** Adds the routes of the pages of TensorBoards. */
export function addTensorboardPageRoutes({ add }: DialectApp): void {
  for (const method of ['get', 'post'] as const) {
    const routes = pageRoutes(method);
    add(routes.run, async ({ params }, request, c) => {
      const { ctx, ref } = await atExperiment(request, params);
      return open(ctx, { run: ref }, 6, c);
    });
    if (method === 'get') addFolders(add);
    add(routes.project, async ({ params }, request, c) => {
      const { ctx, ref } = await atProject(request, params);
      return open(ctx, { project: ref }, 4, c);
    });
  }
}

/** Before the pages of projects, which would take an experiment's folder for a page of theirs. */
function addFolders(add: DialectApp['add']): void {
  for (const route of [
    folderRoute(`${pages}/experiments/{id}`, 'Experiment', experimentParams),
    folderRoute(pages, 'Project', projectParams),
  ]) {
    add(route, (_input, _request, c) => c.redirect(`${c.req.path}/`));
  }
}
