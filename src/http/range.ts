import { CoreError } from '../core/errors.js';
import type { ByteRange } from '../core/ports/index.js';
import type { HttpContext } from './http-env.js';

/**
 * The part of a file that a request asks for by `Range` (RFC 9110 section 14); null for the whole: without the
 * header, for several ranges or other units, which may be answered so, and with an `If-Range` of another content.
 *
 * @param size of the file, in bytes.
 * @param etag of the file, if it is known.
 * @throws CoreError `range_not_satisfiable` for a range that begins behind the end.
 */
export function rangeOf(c: HttpContext, size: number, etag?: string): Required<ByteRange> | null {
  const header = c.req.method === 'GET' ? c.req.header('Range') : undefined;
  const condition = c.req.header('If-Range');
  if (header === undefined || (condition !== undefined && condition !== etag)) return null;
  const [, first = '', last = ''] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header) ?? [];
  if (first === '' && last === '') return null;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return null;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw new CoreError({ code: 'range_not_satisfiable', size }, `the file has ${size} bytes`);
  }
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return { start, end };
}
