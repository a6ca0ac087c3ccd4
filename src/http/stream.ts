import type { Logger } from 'pino';
import type { HttpContext } from './http-env.js';
import { streamBody } from './stream-body.js';
import { toJson } from './to-json.js';

/** How much text is gathered before it is sent, in UTF-16 units. */
const chunkLength = 32 * 1024;

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function holdsStream(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isAsyncIterable(value) || Object.values(value).some(isAskedLate);
}

function isAskedLate(member: unknown): boolean {
  return typeof member === 'function' || holdsStream(member);
}

/** The text that waits to be sent. */
interface Pending {
  text: string;
}

function* take(pending: Pending): Generator<string, undefined> {
  if (pending.text.length < chunkLength) return;
  // Let go of before it is given: a slow reader keeps us waiting here.
  const { text } = pending;
  pending.text = '';
  yield text;
}

async function* writeItems(
  items: AsyncIterable<unknown>,
  pending: Pending,
): AsyncGenerator<string, undefined> {
  let separator = '[';
  for await (const item of items) {
    pending.text += separator;
    separator = ',';
    if (holdsStream(item)) yield* write(item, pending);
    else pending.text += toJson(item);
    if (pending.text.length >= chunkLength) yield* take(pending);
  }
  pending.text += separator === '[' ? '[]' : ']';
}

async function* write(value: unknown, pending: Pending): AsyncGenerator<string, undefined> {
  if (!holdsStream(value)) {
    pending.text += toJson(value);
  } else if (isAsyncIterable(value)) {
    yield* writeItems(value, pending);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      pending.text += index === 0 ? '[' : ',';
      yield* write(item, pending);
    }
    pending.text += ']';
  } else {
    let separator = '{';
    for (const [name, given] of Object.entries(value as object)) {
      const member: unknown = typeof given === 'function' ? given() : given;
      if (member === undefined) continue;
      pending.text += `${separator}${JSON.stringify(name)}:`;
      separator = ',';
      yield* write(member, pending);
    }
    pending.text += separator === '{' ? '{}' : '}';
  }
  yield* take(pending);
}

/**
 * A value as JSON text in pieces of about 32 KiB. Wherever an async iterable stands in the value an
 * array is written, item by item, as the reader asks for more: items may hold iterables again. Memory
 * does not grow with their length. Every piece but the last is at least `chunkLength` long.
 *
 * A member that is a function is called when its turn comes, and what it gives stands there: so that a member
 * behind an iterable can tell where that ended. It is left out if that is undefined.
 */
export async function* jsonChunks(value: unknown): AsyncGenerator<string, undefined> {
  const pending: Pending = { text: '' };
  yield* write(value, pending);
  yield pending.text;
}

const utf8 = new TextEncoder();

/**
 * Answers 200 with a document as `jsonChunks` writes it. What fits into the first piece is sent whole,
 * and a failure before the end of that piece is thrown, so that it gets a proper answer. A later
 * failure cuts the connection: the client sees an incomplete transfer, never complete JSON. A client
 * that goes away ends the iteration.
 */
export async function streamJson(
  c: HttpContext,
  value: unknown,
  options: { readonly contentType: string; readonly logger: Logger },
): Promise<Response> {
  const chunks = jsonChunks(value);
  const first = (await chunks.next()).value ?? '';
  const headers = { 'Content-Type': options.contentType };
  if (first.length < chunkLength || c.req.method === 'HEAD') {
    await chunks.return(undefined);
    return c.req.method === 'HEAD' ? c.body(null, 200, headers) : c.body(first, 200, headers);
  }
  const body = streamBody(c, utf8.encode(first), encoded(chunks), options.logger);
  return c.body(body, 200, headers);
}

async function* encoded(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of chunks) yield utf8.encode(chunk);
}
