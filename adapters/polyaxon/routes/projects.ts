import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { setProjectBookmark } from '../../../src/services/bookmarks/set.js';
import { createProject } from '../../../src/services/projects/create.js';
import { deleteProject } from '../../../src/services/projects/delete.js';
import { getProject } from '../../../src/services/projects/get.js';
import { listProjects } from '../../../src/services/projects/list.js';
import { updateProject } from '../../../src/services/projects/update.js';
import { fromProject, toNewProject, toProjectChange } from '../translate/project.js';
import { pageQuery } from '../wire/paging.js';
import { project, projectInput, projectList, projectPatch } from '../wire/project.js';
import {
  atProject,
  inOwner,
  listAnswer,
  mediaTypes,
  ownerParams,
  ownerPath,
  pageOf,
  projectParams,
  projectPath,
} from './common.js';

const tag = 'projects';

/** Documented and served: projects. */
export const projectRoutes = {
  create: {
    method: 'post',
    path: '/api/v1/projects',
    operationId: 'createProject',
    tag,
    summary: 'Create a project',
    description: 'In the workspace of the caller.',
    body: { schema: projectInput, mediaTypes },
    answers: { 201: { description: 'The project.', schema: project } },
  },
  list: {
    method: 'get',
    path: ownerPath,
    operationId: 'listProjects',
    tag,
    summary: 'List the projects of an owner',
    params: ownerParams,
    query: pageQuery,
    answers: { 200: { description: 'Newest first.', schema: projectList } },
  },
  get: {
    method: 'get',
    path: projectPath,
    operationId: 'getProject',
    tag,
    summary: 'Get a project',
    params: projectParams,
    answers: { 200: { description: 'The project.', schema: project } },
  },
  patch: {
    method: 'patch',
    path: projectPath,
    operationId: 'updateProject',
    tag,
    summary: 'Update a project',
    params: projectParams,
    body: { schema: projectPatch, mediaTypes },
    answers: { 200: { description: 'The project.', schema: project } },
  },
  delete: {
    method: 'delete',
    path: projectPath,
    operationId: 'deleteProject',
    tag,
    summary: 'Delete a project with its experiments',
    params: projectParams,
    answers: { 204: { description: 'It is gone.' } },
  },
  bookmark: {
    method: 'post',
    path: `${projectPath}/bookmark`,
    operationId: 'bookmarkProject',
    tag,
    summary: 'Bookmark a project',
    params: projectParams,
    answers: { 201: { description: 'It is marked, for the caller alone.' } },
  },
  unbookmark: {
    method: 'delete',
    path: `${projectPath}/unbookmark`,
    operationId: 'unbookmarkProject',
    tag,
    summary: 'Take a bookmark away',
    params: projectParams,
    answers: { 204: { description: 'It is not marked.' } },
  },
} as const;

/** Adds the routes of projects. */
export function addProjectRoutes({ add, answer }: DialectApp, { settings }: AdapterDeps): void {
  add(projectRoutes.create, async ({ body }, request, c) => {
    const ctx = await inOwner(request, request.actor.user.name);
    const view = await createProject(ctx, toNewProject(body));
    return answer(c, fromProject(view, ctx.workspace.name), 201);
  });

  add(projectRoutes.list, async ({ params, query }, request, c) => {
    const ctx = await inOwner(request, params.username);
    const page = pageOf(query);
    const { views, total } = await listProjects(ctx, page);
    const results = views.map((view) => fromProject(view, ctx.workspace.name));
    return answer(c, listAnswer(c, settings.url, page, { count: total, results }));
  });

  add(projectRoutes.get, async ({ params }, request, c) => {
    const { ctx, ref } = await atProject(request, params);
    return answer(c, fromProject(await getProject(ctx, ref), ctx.workspace.name));
  });

  add(projectRoutes.patch, async ({ params, body }, request, c) => {
    const { ctx, ref } = await atProject(request, params);
    const view = await updateProject(ctx, ref, toProjectChange(body));
    return answer(c, fromProject(view, ctx.workspace.name));
  });

  add(projectRoutes.delete, async ({ params }, request, c) => {
    const { ctx, ref } = await atProject(request, params);
    await deleteProject(ctx, ref);
    return c.body(null, 204);
  });

  for (const [route, marked, status] of [
    [projectRoutes.bookmark, true, 201],
    [projectRoutes.unbookmark, false, 204],
  ] as const) {
    add(route, async ({ params }, request, c) => {
      const { ctx, ref } = await atProject(request, params);
      await setProjectBookmark(ctx, ref, marked);
      return c.body(null, status);
    });
  }
}
