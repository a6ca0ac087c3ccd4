import { z } from '@hono/zod-openapi';
import { CoreError, invalid, notFound } from '../../../src/core/errors.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { Context } from '../../../src/services/context.js';
import { accessProject } from '../../../src/services/projects/find.js';
import { accessRun, type RunRef } from '../../../src/services/runs/find.js';
import { type ErrorParameters, NamedError } from '../errors.js';
import { experimentIdIn, modelIdIn } from '../translate/rids.js';
import { experimentRid, isRid, modelRid } from '../wire/rids.js';

export const tag = 'Model';
export const modelPath = '/api/v2/models/{modelRid}';
export const experimentPath = `${modelPath}/experiments/{experimentRid}`;

export const modelParams = z.object({ modelRid });
export const experimentParams = modelParams.extend({ experimentRid });

type ExperimentParams = z.output<typeof experimentParams>;

/** The error for a thing that is not there, or that the caller may not know of. */
export function missing(errorName: string, parameters: ErrorParameters, message: string): NamedError {
  return new NamedError({ code: 'not_found', entity: 'run' }, errorName, parameters, message);
}

/** The error for a thing that the caller may not have. */
export function denied(errorName: string, parameters: ErrorParameters): NamedError {
  return new NamedError({ code: 'forbidden' }, errorName, parameters, 'the caller may not read this');
}

/** How what a verb refuses is told; what is not named here stays as it is. */
export type Retold = Partial<Record<'not_found' | 'forbidden', NamedError>>;

/** Does a verb's work, and tells what it refuses in words of this dialect. */
export async function retelling<T>(retold: Retold, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CoreError) || error instanceof NamedError) throw error;
    if (error.code !== 'not_found' && error.code !== 'forbidden') throw error;
    throw retold[error.code] ?? error;
  }
}

/** Refuses what cannot be a RID at all. Throws CoreError `invalid`. */
export function checkRids(params: Readonly<Record<string, string>>, names: readonly string[]): void {
  for (const name of names)
    if (!isRid(params[name] ?? ''))
      throw invalid(name, 'must be a Resource Identifier, such as ri.models.main.model.…');
}

/** The model of a path. Throws CoreError `not_found`, `forbidden`; `invalid` for what is no RID. */
export async function modelAt(ctx: Context, params: z.output<typeof modelParams>): Promise<Project> {
  checkRids(params, ['modelRid']);
  const id = modelIdIn(params.modelRid);
  if (id === null) throw notFound('project');
  return accessProject(ctx, { id }, 'read');
}

/** The error for an experiment that is not there. */
export function experimentMissing({ modelRid, experimentRid }: ExperimentParams): NamedError {
  return missing(
    'ModelExperimentNotFound',
    { modelRid, experimentRid },
    'there is no such experiment of the model',
  );
}

/**
 * The run that a path names, of the model that it names.
 *
 * @param permissionDenied how the caller is told that it may not read it; without it, as if it were not there.
 * @throws NamedError ModelExperimentNotFound; CoreError `invalid` for what is no RID.
 */
export async function experimentAt(
  ctx: Context,
  params: ExperimentParams,
  permissionDenied?: NamedError,
): Promise<Run> {
  checkRids(params, ['modelRid', 'experimentRid']);
  const absent = experimentMissing(params);
  return retelling({ not_found: absent, forbidden: permissionDenied ?? absent }, async () => {
    const id = experimentIdIn(params.experimentRid);
    const project = await modelAt(ctx, params);
    if (id === null) throw absent;
    const run = await accessRun(ctx, { id }, 'read');
    if (run.projectKey !== project.key) throw absent;
    return run;
  });
}

/** The run that a path names, as `experimentAt` finds it. */
export async function runAt(
  ctx: Context,
  params: ExperimentParams,
  permissionDenied: NamedError,
): Promise<RunRef> {
  return { id: (await experimentAt(ctx, params, permissionDenied)).id };
}

/** Which part of a list is asked for. */
export interface PartQuery {
  readonly offset?: number | undefined;
  readonly pageSize?: number | undefined;
}

/**
 * The part that a query asks for.
 *
 * @throws NamedError InvalidPageSize; CoreError `invalid` for a negative offset.
 */
export function partOf(
  { offset = 0, pageSize }: PartQuery,
  sizes: { readonly standard: number; readonly most: number },
): { readonly offset: number; readonly limit: number } {
  if (offset < 0) throw invalid('offset', 'must not be negative');
  return { offset, limit: pageSizeOf(pageSize, sizes) };
}

/** How many a page has. Throws NamedError InvalidPageSize. */
export function pageSizeOf(
  pageSize: number | null | undefined,
  { standard, most }: { readonly standard: number; readonly most: number },
): number {
  if (pageSize === undefined || pageSize === null) return standard;
  if (pageSize > 0) return Math.min(pageSize, most);
  const message = 'must be positive';
  throw new NamedError(
    { code: 'invalid', issues: [{ path: 'pageSize', message }] },
    'InvalidPageSize',
    { pageSize },
    `pageSize: ${message}`,
  );
}
