import { CoreError } from '../core/errors.js';

/** How much of a body is taken, and how long it may take to come. */
export interface BodyBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

function tooLarge(bounds: BodyBounds): CoreError {
  return new CoreError({ code: 'too_large' }, `the body is larger than ${bounds.maxBytes} bytes`);
}

function tooSlow(): CoreError {
  return new CoreError({ code: 'timeout' }, 'the body did not come in time');
}

function cutShort(cause: unknown): CoreError {
  return new CoreError({ code: 'malformed' }, 'the body ended before its end', { cause });
}

/** True when the request carries no body at all, by its headers. */
export function hasNoBody(request: Request): boolean {
  const length = request.headers.get('content-length');
  if (length !== null) return Number(length) === 0;
  return request.headers.get('transfer-encoding') === null && request.body === null;
}

async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The connection is gone, and with it what was to be discarded.
  }
}

async function readCounted(body: ReadableStream<Uint8Array>, bounds: BodyBounds): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > bounds.maxBytes) {
      // Most clients read no answer before they have sent all. The HTTP server ends the connection of
      // one that goes on for long.
      void discard(reader);
      throw tooLarge(bounds);
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** Where the length is declared the HTTP parser holds the client to it, so that the fast way is safe. */
async function readDeclared(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}

/**
 * The bytes of a body. Rejects `too_large` before memory grows beyond the bound (at once when the
 * declared length says so), `timeout` when the body comes too slowly, and `malformed` when the client
 * breaks off.
 */
export async function readBytes(request: Request, bounds: BodyBounds): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > bounds.maxBytes) throw tooLarge(bounds);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooSlow()), bounds.timeoutMs);
  });
  try {
    const reading =
      declared === null && request.body !== null ? readCounted(request.body, bounds) : readDeclared(request);
    return await Promise.race([reading, late]);
  } catch (error) {
    throw error instanceof CoreError ? error : cutShort(error);
  } finally {
    clearTimeout(timer);
  }
}
