import type { ArtifactPath } from '../core/artifact-path.js';
import type { FilesRef } from '../services/artifacts/files.js';
import { readArtifact } from '../services/artifacts/read.js';
import type { Context } from '../services/context.js';
import type { DialectApp } from './dialect-app.js';
import type { HttpContext } from './http-env.js';
import { rangeOf } from './range.js';

/**
 * Answers with a file of a run or a model, or with the part of it that the request asks for by `Range`.
 *
 * @throws CoreError as `readArtifact` does; `range_not_satisfiable`.
 */
export async function sendArtifact(
  c: HttpContext,
  { bytes }: Pick<DialectApp, 'bytes'>,
  ctx: Context,
  { ref, path }: { readonly ref: FilesRef; readonly path: ArtifactPath },
): Promise<Response> {
  const whole = await readArtifact(ctx, ref, path);
  const common = {
    contentType: 'application/octet-stream',
    fileName: path.slice(path.lastIndexOf('/') + 1),
    servesParts: true,
  } as const;
  let range: ReturnType<typeof rangeOf>;
  try {
    range = rangeOf(c, whole.size);
  } catch (error) {
    await whole.close();
    throw error;
  }
  if (range === null) return bytes(c, whole.bytes, { ...common, length: whole.length });
  await whole.close();
  const part = await readArtifact(ctx, ref, path, range);
  return bytes(c, part.bytes, {
    ...common,
    length: part.length,
    part: { start: part.start, size: part.size },
  });
}
