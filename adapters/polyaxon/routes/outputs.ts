import { type ArtifactPath, artifactPath } from '../../../src/core/artifact-path.js';
import { notFound } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { sendArtifact } from '../../../src/http/send-artifact.js';
import { archiveArtifacts } from '../../../src/services/artifacts/archive.js';
import { listArtifacts } from '../../../src/services/artifacts/list.js';
import { statArtifact } from '../../../src/services/artifacts/read.js';
import { outputsTree, pathQuery, requiredPathQuery } from '../wire/outputs.js';
import { atExperiment, experimentParams, experimentPath } from './common.js';

const shared = { method: 'get', tag: 'experiments', params: experimentParams } as const;
const archive = {
  ...shared,
  summary: 'Download the outputs of an experiment',
  answers: { 200: { description: 'A tar.gz.', mediaType: 'application/gzip' } },
} as const;

/** Documented and served: the outputs of experiments. */
export const outputRoutes = {
  get: { ...archive, path: `${experimentPath}/outputs`, operationId: 'getOutputs' },
  download: { ...archive, path: `${experimentPath}/outputs/download`, operationId: 'downloadOutputs' },
  tree: {
    ...shared,
    path: `${experimentPath}/outputs/tree`,
    operationId: 'listOutputs',
    summary: 'List a folder of the outputs',
    query: pathQuery,
    answers: { 200: { description: 'What lies in the folder.', schema: outputsTree } },
  },
  file: {
    ...shared,
    path: `${experimentPath}/outputs/files`,
    operationId: 'getOutputFile',
    summary: 'Get a file of the outputs',
    query: requiredPathQuery,
    answers: { 200: { description: 'The file.', mediaType: 'application/octet-stream' } },
  },
} as const;

/** The folder that is asked for; null for the whole. A slash at the end changes nothing. */
function folderOf(path: string | undefined): ArtifactPath | null {
  const text = path?.replace(/\/+$/, '') ?? '';
  return text === '' || text === '.' ? null : artifactPath(text);
}

/** Adds the routes of outputs. */
export function addOutputRoutes({ add, answer, bytes }: DialectApp): void {
  for (const route of [outputRoutes.get, outputRoutes.download]) {
    add(route, async ({ params }, request, c) => {
      const { ctx, ref } = await atExperiment(request, params);
      const fileName = `${params.username}.${params.project_name}.${params.id}.tar.gz`;
      return bytes(c, await archiveArtifacts(ctx, ref, null), { contentType: 'application/gzip', fileName });
    });
  }

  add(outputRoutes.tree, async ({ params, query }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    const folder = folderOf(query.path);
    if (folder !== null && (await statArtifact(ctx, ref, folder)).kind !== 'folder')
      throw notFound('artifact');
    const files: [string, number][] = [];
    const dirs: string[] = [];
    for await (const batch of await listArtifacts(ctx, ref, folder)) {
      for (const entry of batch) {
        const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
        if (entry.kind === 'file') files.push([name, entry.size]);
        else dirs.push(name);
      }
    }
    return answer(c, { files, dirs });
  });

  add(outputRoutes.file, async ({ params, query }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    return sendArtifact(c, { bytes }, ctx, { ref, path: artifactPath(query.path) });
  });
}
