import { z } from '@hono/zod-openapi';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { at } from './common.js';

/** The release whose API this is: clients choose by it what they ask for. */
const version = '3.17.2';

const serverInfo = z
  .object({
    store_type: z.string(),
    workspaces_enabled: z.boolean(),
    multipart_uploads_enabled: z.boolean(),
    multipart_downloads_enabled: z.boolean(),
    trace_archival_enabled: z.boolean(),
  })
  .openapi('ServerInfo');

/** Documented and served: what the server can do. */
export const systemRoutes = {
  version: {
    method: 'get',
    path: '/version',
    operationId: 'getVersion',
    tag: 'system',
    summary: 'The release of MLflow whose API this is',
    answers: { 200: { description: 'As text.', mediaType: 'text/plain' } },
  },
  info: {
    method: 'get',
    ...at('/server-info', '3.0'),
    operationId: 'getServerInfo',
    tag: 'system',
    summary: 'What the server can do',
    answers: { 200: { description: 'What it can do.', schema: serverInfo } },
  },
} as const;

/** Adds the routes about the server itself, which tell nothing of what is in it. */
export function addSystemRoutes({ addOpen, answer }: DialectApp): void {
  addOpen(systemRoutes.version, (_input, c) => c.text(version));
  addOpen(systemRoutes.info, (_input, c) =>
    answer(c, {
      store_type: 'SqlStore',
      workspaces_enabled: true,
      multipart_uploads_enabled: false,
      multipart_downloads_enabled: false,
      trace_archival_enabled: false,
    }),
  );
}
