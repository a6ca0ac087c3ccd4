import { z } from '@hono/zod-openapi';
import { CoreError } from '../core/errors.js';
import type { Context } from '../services/context.js';
import { checkEncoding } from './body.js';
import { bodyPieces } from './body-pieces.js';
import type { HttpContext } from './http-env.js';
import { binary, check, type DocumentedRoute, type RouteDefinition, type RouteInput } from './route.js';
import { openUpload, type Upload } from './upload.js';

/** A route whose body is a form (multipart/form-data) with one file and, perhaps, small texts. */
export interface UploadDefinition<F extends z.ZodObject, P extends z.ZodObject, Q extends z.ZodObject>
  extends Omit<RouteDefinition<P, Q, z.ZodUndefined>, 'body'> {
  readonly upload: {
    /** The name of the part that is the file. */
    readonly file: string;
    /** The texts beside it, 64 KiB each at most; parts that it does not name are what the schema makes of them. */
    readonly fields?: F;
    /** Of the whole body. */
    readonly maxBytes: number;
  };
}

/** What a handler gets of an upload. */
export type UploadInput<F extends z.ZodObject, P extends z.ZodObject, Q extends z.ZodObject> = Pick<
  RouteInput<P, Q, z.ZodUndefined>,
  'params' | 'query'
> &
  Omit<Upload<z.output<F>>, 'dismiss'>;

/** Serves an upload. When it answers, what it has not read of the file is discarded. */
export type UploadHandler<F extends z.ZodObject, P extends z.ZodObject, Q extends z.ZodObject> = (
  input: UploadInput<F, P, Q>,
  context: Context,
  c: HttpContext,
) => Response | Promise<Response>;

const maxFieldBytes = 64 * 1024;

/** An upload as the document describes it. */
export function documentedUpload<F extends z.ZodObject, P extends z.ZodObject, Q extends z.ZodObject>({
  upload: { file, fields },
  ...route
}: UploadDefinition<F, P, Q>): DocumentedRoute {
  const schema = z.object({ [file]: binary, ...fields?.shape });
  return { ...route, body: { schema, mediaTypes: ['multipart/form-data'] } };
}

/** Reads an upload for as long as its handler runs, and what is left of it, within bounds, before the answer. */
export async function receiveUpload<F extends z.ZodObject, P extends z.ZodObject, Q extends z.ZodObject>(
  { upload: { file: part, fields, maxBytes } }: UploadDefinition<F, P, Q>,
  stallMs: number,
  c: HttpContext,
  handle: (upload: Omit<Upload<z.output<F>>, 'dismiss'>) => Response | Promise<Response>,
): Promise<Response> {
  const rules = { file: part, maxBytes, maxFieldBytes, stallMs };
  // Without a schema the type is that of no fields, which nobody can read.
  const upload = await openUpload(c.req.raw, rules, (texts) => check(fields, texts) as z.output<F>);
  try {
    const { file, fileName } = upload;
    return await handle({ file, fileName, fields: upload.fields });
  } finally {
    await upload.dismiss();
  }
}

/** A route whose body is a file's bytes and nothing else. */
export interface RawUploadDefinition<P extends z.ZodObject, Q extends z.ZodObject>
  extends Omit<RouteDefinition<P, Q, z.ZodUndefined>, 'body'> {
  readonly raw: { readonly maxBytes: number };
}

/** What a handler gets of a raw upload; see `BodyPieces`. They throw `malformed` when the client breaks off. */
export interface RawUploadInput<P extends z.ZodObject, Q extends z.ZodObject>
  extends Pick<RouteInput<P, Q, z.ZodUndefined>, 'params' | 'query'> {
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Serves a raw upload. When it answers, what it has not read of the bytes is discarded. */
export type RawUploadHandler<P extends z.ZodObject, Q extends z.ZodObject> = (
  input: RawUploadInput<P, Q>,
  context: Context,
  c: HttpContext,
) => Response | Promise<Response>;

/** A raw upload as the document describes it. */
export function documentedRawUpload<P extends z.ZodObject, Q extends z.ZodObject>({
  raw: _,
  ...route
}: RawUploadDefinition<P, Q>): DocumentedRoute {
  return { ...route, body: { schema: binary, mediaTypes: ['application/octet-stream'] } };
}

async function* whole(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError({ code: 'malformed' }, 'the body ended before its end', { cause: error });
  }
}

/** Reads a raw body for as long as its handler runs, and what is left of it, within bounds, before the answer. */
export async function receiveRawUpload<P extends z.ZodObject, Q extends z.ZodObject>(
  { raw: { maxBytes } }: RawUploadDefinition<P, Q>,
  stallMs: number,
  c: HttpContext,
  handle: (bytes: AsyncIterable<Uint8Array>) => Response | Promise<Response>,
): Promise<Response> {
  checkEncoding(c.req.raw);
  const pieces = bodyPieces(c.req.raw, { maxBytes, stallMs });
  try {
    return await handle(whole(pieces.bytes));
  } finally {
    await pieces.discard();
  }
}
