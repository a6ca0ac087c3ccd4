import { z } from '@hono/zod-openapi';
import type { AdapterDeps } from '../../src/http/adapter.js';
import { createDialectApp, type DialectApp } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import type { BytesOptions } from '../../src/http/send.js';

/** What the routes of `createFiles` do, and what they saw. */
export interface FileDesk {
  /** Takes a file; what it throws is the answer. */
  take(file: AsyncIterable<Uint8Array>): Promise<number>;
  bytes(): AsyncIterable<Uint8Array>;
  options: BytesOptions;
  texts(): AsyncIterable<string>;
  /** Uploads that were read to their end. */
  taken: { bytes: number; fields: unknown }[];
}

export async function count(file: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of file) bytes += piece.byteLength;
  return bytes;
}

/** A dialect of the tests' own: an upload, a download, a log, and answers without a body. */
export function createFiles(deps: AdapterDeps, desk: FileDesk): DialectApp {
  const files = createDialectApp({
    deps,
    title: 'Files',
    description: 'A dialect for tests.',
    contentType: 'application/json',
    checksAccept: true,
    maxBodyBytes: 1024 * 1024,
    errorSchema: z.object({ code: z.string() }).openapi('Fault'),
    renderError: (error) => ({
      status: httpStatusOf[error.code],
      body: { code: error.code, message: error.message },
    }),
  });
  const common = { tag: 'File', summary: 'A file' };
  files.addUpload(
    {
      ...common,
      method: 'put',
      path: '/files/{id}',
      operationId: 'putFile',
      params: z.object({ id: z.string() }),
      query: z.object({ note: z.string().optional() }),
      upload: {
        file: 'repo',
        fields: z.object({ json: z.string().max(1000).optional() }),
        maxBytes: 512 * 1024 * 1024,
      },
      answers: { 200: { description: 'The file was taken.' } },
    },
    async ({ params, query, file, fields }, context, c) => {
      const bytes = await desk.take(file);
      const taken = { bytes, fields: fields() };
      desk.taken.push(taken);
      return files.answer(c, { ...params, ...query, ...taken, user: context.actor.user.name });
    },
  );
  files.add(
    {
      ...common,
      method: 'get',
      path: '/files/{id}',
      operationId: 'getFile',
      answers: { 200: { description: 'The file.', mediaType: 'application/gzip' } },
    },
    (_input, _context, c) => files.bytes(c, desk.bytes(), desk.options),
  );
  files.add(
    {
      ...common,
      method: 'get',
      path: '/logs',
      operationId: 'getLog',
      answers: { 200: { description: 'The log.', mediaType: 'text/plain' } },
    },
    (_input, _context, c) => files.text(c, desk.texts()),
  );
  files.add(
    {
      ...common,
      method: 'delete',
      path: '/files',
      operationId: 'deleteFiles',
      body: { schema: z.object({ ids: z.array(z.number()) }), mediaTypes: ['application/json'] },
      answers: { 204: { description: 'They are gone.' } },
    },
    (_input, _context, c) => c.body(null, 204),
  );
  files.addOpen(
    {
      ...common,
      method: 'post',
      path: '/files',
      operationId: 'login',
      body: {
        schema: z.object({ username: z.string() }),
        mediaTypes: ['application/json', 'application/x-www-form-urlencoded'],
      },
      answers: { 201: { description: 'Done.' } },
    },
    ({ body }, c) => c.body(null, 201, { 'X-User': body.username }),
  );
  return files;
}
