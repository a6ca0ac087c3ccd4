import type { Logger } from 'pino';
import type { HttpContext } from './http-env.js';
import { streamBody } from './stream-body.js';

/** How bytes are sent. */
export interface BytesOptions {
  /** Only what no browser runs or draws, whatever the bytes are. */
  readonly contentType: 'application/gzip' | 'application/octet-stream' | 'text/plain; charset=utf-8';
  /** What a client that saves them may call them. Default: the last part of the address. */
  readonly fileName?: string;
  /** In bytes, if known beforehand: no more are sent, and with less the answer counts as broken. */
  readonly length?: number;
  /** Set when the bytes are a part of a file: where they begin, and how large the whole is. Needs `length`. */
  readonly part?: { readonly start: number; readonly size: number };
  /** Set where the route looks at `Range`, which is told to clients. */
  readonly servesParts?: boolean;
  /** What tells one content of the file from another, in quotes (RFC 9110 section 8.8.3). */
  readonly etag?: string;
}

/** How much text is gathered before it is sent, in UTF-16 units. */
const pieceLength = 32 * 1024;

const longestName = 200;

/** Beside what a quoted text cannot hold, what some clients would take as a folder or decode. */
const unquotable = /[^\x20-\x7e]|["\\/%]/gu;

/** The characters that may stand in a value of RFC 8187 and that encodeURIComponent leaves all the same. */
const unescaped = /['()*]/g;

/**
 * A Content-Disposition that has a client save the answer (RFC 6266): the name in ASCII, and as it is
 * where the two differ. Slashes, and what is unseen (controls, turns of direction), become `_`.
 */
export function attachment(fileName: string): string {
  const name = fileName.slice(0, longestName).replace(/[\p{C}/\\]/gu, '_');
  const plain = name.replace(unquotable, '_');
  const quoted = `attachment; filename="${plain}"`;
  if (plain === name) return quoted;
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return `${quoted}; filename*=UTF-8''${encodeURIComponent(name).replace(unescaped, percent)}`;
}

async function* ofLength(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const piece of bytes) {
    if (left > 0 && piece.byteLength > 0) yield piece.subarray(0, left);
    left -= Math.min(left, piece.byteLength);
    if (left === 0) return;
  }
  if (left > 0) throw new Error(`${left} of the ${length} bytes of an answer are missing`);
}

/** @param given what the bytes are made of: it may hold a file open, though nobody reads it. */
async function send(
  c: HttpContext,
  given: AsyncIterable<unknown>,
  bytes: AsyncIterable<Uint8Array>,
  { status = 200, headers }: { status?: 200 | 206; headers: Record<string, string> },
  logger: Logger,
): Promise<Response> {
  // The bytes are the work of users: should a browser show them, it runs nothing and knows no origin.
  const all = { ...headers, 'Content-Security-Policy': "sandbox; default-src 'none'" };
  if (c.req.method === 'HEAD') {
    await given[Symbol.asyncIterator]().return?.();
    return c.body(null, status, all);
  }
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return c.body(null, status, { 'Content-Length': '0', ...all });
  return c.body(streamBody(c, first.value, pieces, logger), status, all);
}

/**
 * Answers 200 with bytes (206 for a part of a file), at the reader's pace. A failure before the first piece is thrown and gets a
 * proper answer; a later one cuts the connection. A client that goes away ends the iteration. For HEAD
 * the iteration is ended before it begins.
 */
export function sendBytes(
  c: HttpContext,
  bytes: AsyncIterable<Uint8Array>,
  { contentType, fileName, length, part, servesParts = false, etag }: BytesOptions,
  logger: Logger,
): Promise<Response> {
  const headers = {
    'Content-Type': contentType,
    'Content-Disposition': fileName === undefined ? 'attachment' : attachment(fileName),
    ...(length === undefined ? {} : { 'Content-Length': String(length) }),
    ...(servesParts ? { 'Accept-Ranges': 'bytes' } : {}),
    ...(etag === undefined ? {} : { ETag: etag }),
    ...(length === undefined || part === undefined ? {} : contentRange(part, length)),
  };
  const status = part === undefined ? 200 : 206;
  const sent = length === undefined ? bytes : ofLength(bytes, length);
  return send(c, bytes, sent, { status, headers }, logger);
}

function contentRange({ start, size }: { start: number; size: number }, length: number) {
  return { 'Content-Range': `bytes ${start}-${start + length - 1}/${size}` };
}

async function* gathered(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < pieceLength) continue;
    // Let go of before it is given: a slow reader keeps us waiting here.
    const bytes = Buffer.from(piece);
    piece = '';
    yield bytes;
  }
  if (piece !== '') yield Buffer.from(piece);
}

/**
 * Answers 200 with text/plain, gathered into pieces of about 32 KiB; as `sendBytes` otherwise, so that
 * a failure before the first piece is full is thrown.
 */
export function sendText(c: HttpContext, texts: AsyncIterable<string>, logger: Logger): Promise<Response> {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8' };
  return send(c, texts, gathered(texts), { headers }, logger);
}
