import type { IncomingMessage, ServerResponse } from 'node:http';

/** How fast a body must come. */
export interface PaceLimits {
  /** The time that is looked at, in milliseconds. */
  readonly bodyWindow: number;
  /** How many bytes must come in it, unless the body ends. */
  readonly minBodyBytes: number;
}

interface Watched {
  readonly outgoing: ServerResponse;
  windowEndsAt: number;
  /** Of the connection, when the window began. */
  bytesBefore: number;
}

/**
 * Watches the bodies of requests, so that one may take as long as its size needs, and none that drips keeps a connection:
 * a limit on the whole request would refuse large files from slow lines. A client is not blamed for the time that the
 * server takes to read.
 */
export class BodyPace {
  readonly #limits: PaceLimits;
  readonly #tooSlow: (incoming: IncomingMessage) => void;
  readonly #watched = new Map<IncomingMessage, Watched>();
  readonly #timer: NodeJS.Timeout;

  /** `tooSlow` hears of each request that falls behind, once. It is looked for each `checkInterval` milliseconds. */
  constructor(limits: PaceLimits, checkInterval: number, tooSlow: (incoming: IncomingMessage) => void) {
    this.#limits = limits;
    this.#tooSlow = tooSlow;
    this.#timer = setInterval(() => this.#check(), checkInterval).unref();
  }

  watch(incoming: IncomingMessage, outgoing: ServerResponse): void {
    // Without a body it is complete within this turn of the event loop.
    setImmediate(() => {
      if (!hasEnded(incoming)) this.#watched.set(incoming, { outgoing, ...this.#windowOf(incoming) });
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #windowOf({ socket }: IncomingMessage) {
    return { windowEndsAt: performance.now() + this.#limits.bodyWindow, bytesBefore: socket.bytesRead };
  }

  #check(): void {
    const now = performance.now();
    for (const [incoming, watched] of this.#watched) {
      if (hasEnded(incoming)) this.#watched.delete(incoming);
      else if (now >= watched.windowEndsAt) this.#judge(incoming, watched);
    }
  }

  #judge(incoming: IncomingMessage, watched: Watched): void {
    const came = incoming.socket.bytesRead - watched.bytesBefore;
    // What has come and is not read yet holds the client up, until nobody will read it any more.
    const isHeldUp = incoming.readableLength > 0 && !watched.outgoing.writableFinished;
    if (came >= this.#limits.minBodyBytes || isHeldUp) {
      Object.assign(watched, this.#windowOf(incoming));
    } else {
      this.#watched.delete(incoming);
      this.#tooSlow(incoming);
    }
  }
}

function hasEnded(incoming: IncomingMessage): boolean {
  return incoming.complete || incoming.destroyed || incoming.socket.destroyed;
}
