import type { z } from '@hono/zod-openapi';
import { type CoreError, notFound } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { HttpContext } from '../../../src/http/http-env.js';
import { inWorkspace } from '../../../src/services/accounts/in-workspace.js';
import { inOwnWorkspace } from '../../../src/services/accounts/own-run.js';
import type { Context } from '../../../src/services/context.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { seeingTrash } from '../../../src/services/sight.js';
import { toRunId } from '../translate/run.js';

/** A path of the API, at the address of clients and at that of pages. */
export function at(path: string, version = '2.0') {
  return { path: `/api/${version}/mlflow${path}`, aliases: [`/ajax-api/${version}/mlflow${path}`] };
}

/** A JSON body; an empty one is one without fields, as for the real server. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { schema, whenEmpty: {}, mediaTypes: ['application/json'], integers: 'exact' } as const;
}

/** One of the workspaces, by its name (`mlflow.set_workspace`). */
const workspaceHeader = 'X-MLFLOW-WORKSPACE';

/** The token of a run is worth its own workspace, whatever the request names. */
async function placed(ctx: Context, c: HttpContext): Promise<Context> {
  if (ctx.actor.runKey !== null) return seeingTrash(await inOwnWorkspace(ctx));
  const name = c.req.header(workspaceHeader);
  return seeingTrash(name === undefined || name === '' ? ctx : await inWorkspace(ctx, name));
}

/** The same app, whose handlers are in the workspace that a request names, and see what was deleted. */
export function inWorkspaces(dialect: DialectApp): DialectApp {
  return {
    ...dialect,
    add(definition, handler) {
      dialect.add(definition, async (input, ctx, c) => handler(input, await placed(ctx, c), c));
    },
    addUpload(definition, handler) {
      dialect.addUpload(definition, async (input, ctx, c) => handler(input, await placed(ctx, c), c));
    },
    addRawUpload(definition, handler) {
      dialect.addRawUpload(definition, async (input, ctx, c) => handler(input, await placed(ctx, c), c));
    },
  };
}

/** The error for a run that is not there, in the words of the real server. */
export function noRun(id: string): CoreError {
  return notFound('run', `Run with id=${id} not found`);
}

/**
 * The run that an id names.
 *
 * @throws CoreError `not_found` for an id that can name none.
 */
export function runRefOf(id: string): RunRef {
  const runId = toRunId(id);
  if (runId === null) throw noRun(id);
  return { id: runId };
}
