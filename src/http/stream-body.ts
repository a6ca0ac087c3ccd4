import type { Logger } from 'pino';
import type { HttpContext } from './http-env.js';

/**
 * The body of an answer that has begun: a first piece, and the rest at the reader's pace. A failure
 * cuts the connection, so that the client sees an incomplete transfer; a client that goes away ends
 * the iteration.
 */
export function streamBody(
  c: HttpContext,
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array, unknown>,
  logger: Logger,
): ReadableStream<Uint8Array> {
  let waiting: Uint8Array | undefined = first;
  const fail = (error: unknown, controller: ReadableStreamDefaultController): void => {
    logger.error({ err: error, requestId: c.get('requestId') }, 'an answer broke off');
    // Not left to the HTTP server, which would end the answer with the error's text.
    if (c.env?.outgoing === undefined) controller.error(error);
    else c.env.outgoing.destroy();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (waiting !== undefined) {
            controller.enqueue(waiting);
            waiting = undefined;
            return;
          }
          const next = await rest.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          fail(error, controller);
        }
      },
      async cancel() {
        await rest.return?.();
      },
    },
    // Nothing is read ahead of the socket.
    { highWaterMark: 0 },
  );
}
