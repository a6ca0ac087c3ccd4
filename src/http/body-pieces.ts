import { CoreError } from '../core/errors.js';

/** What a client may go on sending that is refused, and how long: most read no answer before they have sent all. */
const discarded = { bytes: 64 * 1024 * 1024, ms: 10_000 };

/** A large body as it comes, counted and watched. */
export interface BodyPieces {
  /** The bytes, read once, at the reader's pace. Throws CoreErrors `too_large` and `timeout`, and what broke the connection. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Reads on, within bounds, what is left, so that an answer reaches a client that sends first. */
  discard(): Promise<void>;
}

/** How much of a body is taken, and how long, in milliseconds, the client may send nothing. */
export interface PieceRules {
  readonly maxBytes: number;
  readonly stallMs: number;
}

/** Reads the body of a request in pieces. */
export function bodyPieces(request: Request, { maxBytes, stallMs }: PieceRules): BodyPieces {
  const declared = Number(request.headers.get('content-length') ?? 0);
  const tooLarge = () => new CoreError({ code: 'too_large' }, `the body is larger than ${maxBytes} bytes`);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isOver = request.body === null;

  async function next(ms: number): Promise<Uint8Array | undefined> {
    if (isOver) return undefined;
    reader ??= request.body?.getReader();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new CoreError({ code: 'timeout' }, 'the body did not come in time')),
        ms,
      );
    });
    try {
      const chunk = (await Promise.race([reader?.read(), late]))?.value;
      isOver = chunk === undefined;
      return chunk;
    } catch (error) {
      // Gone, or too slow to wait for: the HTTP server ends the connection.
      isOver = true;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function* counted(): AsyncGenerator<Uint8Array> {
    if (declared > maxBytes) throw tooLarge();
    let taken = 0;
    for (let chunk = await next(stallMs); chunk !== undefined; chunk = await next(stallMs)) {
      taken += chunk.byteLength;
      if (taken > maxBytes) throw tooLarge();
      yield chunk;
    }
  }

  return {
    bytes: counted(),
    async discard() {
      const until = performance.now() + discarded.ms;
      let left = discarded.bytes;
      try {
        while (left > 0) {
          const chunk = await next(until - performance.now());
          if (chunk === undefined) return;
          left -= chunk.byteLength;
        }
      } catch {
        // Nobody is left to answer.
      }
    },
  };
}
