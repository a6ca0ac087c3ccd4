import type { ArtifactPath } from '../core/artifact-path.js';
import type { FilesRef } from '../services/artifacts/files.js';
import { type ReadArtifact, readArtifact } from '../services/artifacts/read.js';
import type { Context } from '../services/context.js';
import type { DialectApp } from './dialect-app.js';
import type { HttpContext } from './http-env.js';
import { rangeOf } from './range.js';

/**
 * Answers with a file of a run or a model, or with the part of it that the request asks for by `Range`. Where its
 * SHA-256 is known that is its ETag; then a client that has the file already (`If-None-Match`) gets 304.
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
  const { etag } = tagged(whole);
  if (etag !== undefined && isNamed(c.req.header('If-None-Match'), etag)) {
    await whole.close();
    return c.body(null, 304, { ETag: etag });
  }
  const common = {
    contentType: 'application/octet-stream',
    fileName: path.slice(path.lastIndexOf('/') + 1),
    servesParts: true,
  } as const;
  let range: ReturnType<typeof rangeOf>;
  try {
    range = rangeOf(c, whole.size, etag);
  } catch (error) {
    await whole.close();
    throw error;
  }
  if (range === null) return bytes(c, whole.bytes, { ...common, ...tagged(whole), length: whole.length });
  await whole.close();
  const part = await readArtifact(ctx, ref, path, range);
  return bytes(c, part.bytes, {
    ...common,
    ...tagged(part),
    length: part.length,
    part: { start: part.start, size: part.size },
  });
}

function tagged({ sha256 }: ReadArtifact): { readonly etag?: string } {
  return sha256 === null ? {} : { etag: `"${sha256}"` };
}

/** True if a list of ETags has this one, be it said to be a weak one, or names any. */
function isNamed(list: string | undefined, etag: string): boolean {
  const named = list?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return named?.some((one) => one === '*' || one === etag) ?? false;
}
