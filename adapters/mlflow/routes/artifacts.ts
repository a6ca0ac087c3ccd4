import type { ArtifactPath } from '../../../src/core/artifact-path.js';
import { CoreError, invalid, notFound } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { HttpContext } from '../../../src/http/http-env.js';
import { sendArtifact } from '../../../src/http/send-artifact.js';
import type { FilesRef } from '../../../src/services/artifacts/files.js';
import { listArtifacts } from '../../../src/services/artifacts/list.js';
import { removeArtifact } from '../../../src/services/artifacts/remove.js';
import { writeArtifact } from '../../../src/services/artifacts/write.js';
import type { Context } from '../../../src/services/context.js';
import { accessRun } from '../../../src/services/runs/find.js';
import { recordedRuns } from '../../../src/services/runs/recorded.js';
import { fromEntries } from '../translate/artifact-entries.js';
import { type ProxiedPlace, proxiedPlace, toFolder } from '../translate/artifact-path.js';
import { runArtifactUri } from '../translate/artifact-uri.js';
import { modelIdOf } from '../translate/logged-model.js';
import {
  artifactAsked,
  artifactList,
  artifactsAsked,
  artifactUploaded,
  proxyList,
  proxyListed,
  proxyParams,
} from '../wire/artifact.js';
import { errorResponse } from '../wire/errors.js';
import { runIdOf } from '../wire/run.js';
import { nothing } from '../wire/values.js';
import { at, runRefOf } from './common.js';

const tag = 'artifacts';

/** The proxy, at the address of clients and at that of pages. */
const proxy = (path: string) => ({
  path: `/api/2.0/mlflow-artifacts${path}`,
  aliases: [`/ajax-api/2.0/mlflow-artifacts${path}`],
});

/** Far above any model: what bounds an upload is the disk. */
const maxBytes = 1024 ** 4;

const file = { 200: { description: 'The file.', mediaType: 'application/octet-stream' } } as const;
const one = { tag, params: proxyParams, ...proxy('/artifacts/{artifact_path{.+}}') } as const;

/** Documented and served: files of runs and of logged models. */
export const artifactRoutes = {
  list: {
    method: 'get',
    ...at('/artifacts/list'),
    operationId: 'listArtifacts',
    tag,
    summary: 'List a folder of the artifacts of a run',
    query: artifactsAsked,
    answers: { 200: { description: 'What lies in the folder.', schema: artifactList } },
  },
  get: {
    method: 'get',
    path: '/get-artifact',
    operationId: 'getArtifact',
    tag,
    summary: 'Get a file of the artifacts of a run',
    query: artifactAsked,
    answers: file,
  },
  download: { ...one, method: 'get', operationId: 'downloadArtifact', summary: 'Get a file', answers: file },
  remove: {
    ...one,
    method: 'delete',
    operationId: 'deleteArtifact',
    summary: 'Delete a file or folder',
    answers: { 200: { description: 'It is gone.', schema: nothing } },
  },
  listProxied: {
    method: 'get',
    ...proxy('/artifacts'),
    operationId: 'listProxiedArtifacts',
    tag,
    summary: 'List a folder',
    query: proxyListed,
    answers: { 200: { description: 'What lies in the folder, by its name there.', schema: proxyList } },
  },
} as const;

/** Documented and served: files as they come. */
export const uploadRoutes = {
  upload: {
    ...one,
    method: 'put',
    operationId: 'uploadArtifact',
    summary: 'Put a file',
    raw: { maxBytes },
    answers: { 200: { description: 'It is stored.' } },
  },
  uploadOfPage: {
    method: 'post',
    path: '/ajax-api/2.0/mlflow/upload-artifact',
    operationId: 'uploadArtifactOfPage',
    tag,
    summary: 'Put a small file of a run',
    query: artifactUploaded,
    raw: { maxBytes: 10 * 1024 * 1024 },
    answers: { 200: { description: 'It is stored.' } },
  },
} as const;

/** Where a client asks for addresses to which it may send parts, or from which it may read, past this server. */
const direct = {
  tag,
  params: proxyParams,
  answers: { 501: { description: 'All files go through this server.', schema: errorResponse } },
} as const;

/** Documented, and refused: what the real server has for stores that clients reach by themselves. */
export const directRoutes = {
  createParts: {
    ...direct,
    method: 'post',
    ...proxy('/mpu/create/{artifact_path{.+}}'),
    operationId: 'createMultipartUpload',
    summary: 'Begin to put a file in parts',
  },
  completeParts: {
    ...direct,
    method: 'post',
    ...proxy('/mpu/complete/{artifact_path{.+}}'),
    operationId: 'completeMultipartUpload',
    summary: 'Make a file of its parts',
  },
  abortParts: {
    ...direct,
    method: 'post',
    ...proxy('/mpu/abort/{artifact_path{.+}}'),
    operationId: 'abortMultipartUpload',
    summary: 'Give up a file in parts',
  },
  presign: {
    ...direct,
    method: 'get',
    ...proxy('/presigned/{artifact_path{.+}}'),
    operationId: 'getPresignedDownloadUrl',
    summary: 'Get an address at which a file lies',
  },
} as const;

/** The clients put the whole file instead if a message begins with these words (`http_artifact_repo.py`). */
function notInParts(): never {
  throw new CoreError(
    { code: 'unsupported' },
    'Multipart upload is not supported for the current artifact repository',
  );
}

/** Where a path of the proxy leads. Throws CoreError `not_found` for one that names neither a run nor a model. */
function placeOf(text: string): { ref: FilesRef; path: ArtifactPath | null } {
  const place = proxiedPlace(text);
  if (place === null) throw notFound('artifact', `No such artifact: ${JSON.stringify(text)}`);
  return { ref: refOf(place), path: place.path };
}

function refOf({ owner }: ProxiedPlace): FilesRef {
  return 'run' in owner ? { id: owner.run } : { model: modelIdOf(owner.model) };
}

function isMissingFile(error: unknown): boolean {
  return (
    error instanceof CoreError && error.detail.code === 'not_found' && error.detail.entity === 'artifact'
  );
}

const lastName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Adds the routes of artifacts. */
export function addArtifactRoutes({ add, addRawUpload, answer, stream, bytes }: DialectApp): void {
  function send(ctx: Context, ref: FilesRef, path: ArtifactPath | null, c: HttpContext): Promise<Response> {
    if (path === null) throw invalid('path', 'must name a file');
    return sendArtifact(c, { bytes }, ctx, { ref, path });
  }

  add(artifactRoutes.list, async ({ query }, ctx, c) => {
    const run = await accessRun(ctx, runRefOf(runIdOf(query)), 'read');
    const [shown] = await recordedRuns(ctx.ports.store.read, [run]);
    if (shown === undefined) throw notFound('project');
    const entries = await listArtifacts(ctx, { key: run.key }, toFolder(query.path));
    return stream(c, {
      root_uri: runArtifactUri(shown.project, run),
      files: fromEntries(entries, (path) => path),
    });
  });

  add(artifactRoutes.get, ({ query }, ctx, c) =>
    send(ctx, runRefOf(runIdOf(query)), toFolder(query.path), c),
  );

  add(artifactRoutes.download, ({ params }, ctx, c) => {
    const { ref, path } = placeOf(params.artifact_path);
    return send(ctx, ref, path, c);
  });

  add(artifactRoutes.remove, async ({ params }, ctx, c) => {
    const { ref, path } = placeOf(params.artifact_path);
    if (path === null) throw invalid('path', 'must name a file or folder of the artifacts');
    // To delete what is not there is no mistake, as for the real server.
    await removeArtifact(ctx, ref, path).catch((error: unknown) => {
      if (!isMissingFile(error)) throw error;
    });
    return answer(c, {});
  });

  add(artifactRoutes.listProxied, async ({ query }, ctx, c) => {
    const place = proxiedPlace(query.path ?? '');
    if (place === null) return answer(c, { files: [] });
    const entries = await listArtifacts(ctx, refOf(place), place.path);
    return stream(c, { files: fromEntries(entries, lastName) });
  });

  add(directRoutes.createParts, notInParts);
  add(directRoutes.completeParts, notInParts);
  add(directRoutes.abortParts, notInParts);
  add(directRoutes.presign, () => {
    throw new CoreError({ code: 'unsupported' }, 'Files have no address but the one of this server');
  });

  addRawUpload(uploadRoutes.upload, async ({ params, bytes: sent }, ctx, c) => {
    const { ref, path } = placeOf(params.artifact_path);
    if (path === null) throw invalid('path', 'must name a file');
    await writeArtifact(ctx, ref, path, sent);
    return c.body(null, 200);
  });

  addRawUpload(uploadRoutes.uploadOfPage, async ({ query, bytes: sent }, ctx, c) => {
    const path = toFolder(query.path);
    if (path === null) throw invalid('path', 'must name a file');
    await writeArtifact(ctx, runRefOf(query.run_uuid), path, sent);
    return c.body(null, 200);
  });
}
