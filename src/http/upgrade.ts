import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Fetch, Upgrade } from './http-env.js';
import type { SocketServer } from './socket-server.js';

const asking = new WeakSet<IncomingMessage>();

/**
 * A request as Node's server makes it, but that only a WebSocket handshake counts as an upgrade. Others
 * (Java's client offers h2c with each first request) are served as if they had not asked, which RFC 9110
 * section 7.8 allows; left to itself Node would take their bodies for the new protocol's bytes.
 */
export class Incoming extends IncomingMessage {
  get upgrade(): boolean {
    const isWebSocket = this.headers.upgrade?.toLowerCase() === 'websocket';
    return asking.has(this) && (this.method === 'CONNECT' || (this.method === 'GET' && isWebSocket));
  }

  set upgrade(asks: boolean | null) {
    if (asks === true) asking.add(this);
    else asking.delete(this);
  }
}

/** Connections that asked for something else than HTTP. */
export interface Upgrades {
  /** Where the answer goes if no route takes the upgrade; after it the connection ends. */
  open(incoming: IncomingMessage, socket: Socket, head: Buffer): ServerResponse;
  /** Answers a request; an upgrade that a route took is begun in place of the route's answer. */
  answer(fetch: Fetch, request: Request, bindings: HttpBindings): Response | Promise<Response>;
  /** Asks the peers of WebSockets to close, and ends connections that were handed over. */
  close(): void;
  /** Ends what is still open. */
  cut(): void;
}

interface Pending {
  readonly upgrade: Upgrade;
  readonly socket: Socket;
  /** Set by the route that takes it. */
  begin: (() => void) | null;
}

export function createUpgrades(sockets: SocketServer): Upgrades {
  const pending = new Map<IncomingMessage, Pending>();
  const handedOver = new Set<Socket>();

  function handOver(socket: Socket, head: Buffer, take: (socket: Socket, head: Buffer) => void): void {
    handedOver.add(socket);
    socket.once('close', () => handedOver.delete(socket));
    take(socket, head);
  }

  async function answerUpgrade(
    fetch: Fetch,
    request: Request,
    bindings: HttpBindings,
    one: Pending,
  ): Promise<Response> {
    const response = await fetch(request, { ...bindings, upgrade: one.upgrade });
    const { begin, socket } = one;
    if (begin === null || socket.destroyed) return response;
    pending.delete(bindings.incoming as IncomingMessage);
    (bindings.outgoing as ServerResponse).detachSocket(socket);
    begin();
    return RESPONSE_ALREADY_SENT;
  }

  return {
    open(incoming, socket, head) {
      const one: Pending = {
        socket,
        begin: null,
        upgrade: {
          speak(session) {
            one.begin = () => sockets.accept(incoming, socket, head, session);
          },
          handOver(take) {
            one.begin = () => handOver(socket, head, take);
          },
        },
      };
      pending.set(incoming, one);
      socket.on('error', () => {});
      socket.once('close', () => pending.delete(incoming));
      return responseOn(incoming, socket);
    },
    answer(fetch, request, bindings) {
      const one = pending.get(bindings.incoming as IncomingMessage);
      return one === undefined ? fetch(request, bindings) : answerUpgrade(fetch, request, bindings, one);
    },
    close() {
      sockets.close();
      for (const socket of handedOver) socket.destroy();
    },
    cut() {
      sockets.cut();
      for (const { socket } of pending.values()) socket.destroy();
    },
  };
}

function responseOn(incoming: IncomingMessage, socket: Socket): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once('finish', () => {
    outgoing.detachSocket(socket);
    socket.end();
  });
  return outgoing;
}
