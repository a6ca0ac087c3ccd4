import { z } from '@hono/zod-openapi';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { archiveCode, uploadCode } from '../../../src/services/artifacts/code.js';
import { atProject, projectParams, projectPath } from './common.js';

const shared = { tag: 'projects', params: projectParams } as const;

/** The largest archive; what it holds has bounds of its own. */
const maxUploadBytes = 1024 ** 3;

/** Documented and served: the code of projects. */
export const codeRoutes = {
  upload: {
    ...shared,
    method: 'put',
    path: `${projectPath}/repo/upload`,
    operationId: 'uploadRepo',
    summary: 'Upload code for the next experiments',
    description: 'A tar.gz as the part `repo`. It takes the place of what was uploaded before.',
    upload: { file: 'repo', maxBytes: maxUploadBytes },
    answers: { 200: { description: 'The code is stored.' } },
  },
  download: {
    ...shared,
    method: 'get',
    path: `${projectPath}/repo/download`,
    operationId: 'downloadRepo',
    summary: 'Download the code that was uploaded last',
    query: z.object({ commit: z.string().optional().openapi({ description: 'Taken and not looked at.' }) }),
    answers: { 200: { description: 'A tar.gz.', mediaType: 'application/gzip' } },
  },
} as const;

/** Adds the routes of code. */
export function addCodeRoutes({ add, addUpload, bytes }: DialectApp): void {
  addUpload(codeRoutes.upload, async ({ params, file }, request, c) => {
    const { ctx, ref } = await atProject(request, params);
    await uploadCode(ctx, ref, file);
    return c.body(null, 200);
  });

  add(codeRoutes.download, async ({ params }, request, c) => {
    const { ctx, ref } = await atProject(request, params);
    const fileName = `${params.project_name}.tar.gz`;
    return bytes(c, await archiveCode(ctx, ref), { contentType: 'application/gzip', fileName });
  });
}
