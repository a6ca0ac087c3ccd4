import { z } from '@hono/zod-openapi';
import type { Project } from '../../../src/core/model.js';
import type { BodyMediaType } from '../../../src/http/body.js';
import type { HttpContext } from '../../../src/http/http-env.js';
import { inWorkspace } from '../../../src/services/accounts/in-workspace.js';
import type { Context } from '../../../src/services/context.js';
import { accessProject, type ProjectRef } from '../../../src/services/projects/find.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import type { RelatedOptions } from '../../../src/services/runs/related.js';
import { maxLimit, standardLimit } from '../wire/paging.js';

export const mediaTypes: readonly BodyMediaType[] = ['application/json'];

const username = z.string().openapi({ description: 'The owner: a workspace.', example: 'root' });
const projectName = z.string().openapi({ example: 'quick-start' });
/** A number in a path that counts from 1. */
export const counted = (example: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, example });

export const ownerParams = z.object({ username });
export const projectParams = z.object({ username, project_name: projectName });
export const experimentParams = projectParams.extend({ id: counted(1) });
export const jobParams = experimentParams.extend({ job_id: counted(1) });

export const ownerPath = '/api/v1/{username}';
export const projectPath = `${ownerPath}/{project_name}`;
export const experimentsPath = `${projectPath}/experiments`;
export const experimentPath = `${experimentsPath}/{id}`;

type ProjectParams = z.output<typeof projectParams>;
type ExperimentParams = z.output<typeof experimentParams>;

/** The request in the workspace of an owner. Throws CoreError `not_found`. */
export function inOwner(ctx: Context, owner: string): Promise<Context> {
  return inWorkspace(ctx, owner);
}

/** The request in the workspace of a path, and the project that the path names. Throws CoreError `not_found`. */
export async function atProject(
  ctx: Context,
  params: ProjectParams,
): Promise<{ ctx: Context; ref: ProjectRef }> {
  return { ctx: await inWorkspace(ctx, params.username), ref: { named: params.project_name } };
}

/**
 * As `atProject`, with the project itself.
 *
 * @throws CoreError `not_found`; `forbidden` for a project that one may not see.
 */
export async function inProject(
  ctx: Context,
  params: ProjectParams,
): Promise<{ ctx: Context; ref: ProjectRef; project: Project }> {
  const place = await atProject(ctx, params);
  return { ...place, project: await accessProject(place.ctx, place.ref, 'read') };
}

/**
 * The request in the workspace of a path, and the run that the path names, with its project; what the caller may do with the
 * run is asked by each verb.
 *
 * @throws CoreError `not_found`; `forbidden` for a project that one may not see.
 */
export async function atExperiment(
  ctx: Context,
  params: ExperimentParams,
): Promise<{ ctx: Context; ref: RunRef; project: Project }> {
  const place = await inProject(ctx, params);
  return { ...place, ref: { projectKey: place.project.key, number: params.id } };
}

/** For runs that are shown without what was logged for them. */
export const unlogged: RelatedOptions = { params: false, summaries: false };

/** Which part of a list is asked for. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** The part that these parameters ask for. */
export function pageOf({
  limit,
  offset = 0,
}: {
  limit?: number | undefined;
  offset?: number | undefined;
}): Page {
  // A limit of none is no limit, as in Django REST framework.
  return { limit: Math.min(limit === undefined || limit === 0 ? standardLimit : limit, maxLimit), offset };
}

/** A page of a list, with the addresses of its neighbours. `url` is the public address of the server. */
export function listAnswer<T>(
  c: HttpContext,
  url: string,
  { limit, offset }: Page,
  list: { readonly count: number; readonly results: T },
): { count: number; next: string | null; previous: string | null; results: T } {
  const address = (from: number) => {
    const query = new URLSearchParams(new URL(c.req.url).searchParams);
    query.set('limit', String(limit));
    if (from > 0) query.set('offset', String(from));
    else query.delete('offset');
    return `${url}${c.req.path}?${query}`;
  };
  return {
    count: list.count,
    next: offset + limit < list.count ? address(offset + limit) : null,
    previous: offset > 0 ? address(Math.max(0, offset - limit)) : null,
    results: list.results,
  };
}
