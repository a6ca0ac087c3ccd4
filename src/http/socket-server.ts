import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One WebSocket, as a session sees it. What the peer sends is read and dropped: sessions only tell. */
export interface Peer {
  /** Sends a text message. Resolves when there is room for the next one; rejects when the peer is gone. */
  send(text: string): Promise<void>;
  /** Aborted when the peer is gone or the server stops. */
  readonly signal: AbortSignal;
}

/** What is said over one WebSocket. It is closed when this resolves (1000) or rejects (1011). */
export type Session = (peer: Peer) => Promise<void>;

/** Bounds for peers that are slow, silent or gone. */
export interface SocketLimits {
  /** The longest message taken; a longer one closes the socket (1009). */
  readonly maxMessageBytes: number;
  /** A session waits while more than this has not been taken by the system. */
  readonly maxWaitingBytes: number;
  /** How often peers are asked for a sign of life; without one in two such times they are cut. Milliseconds. */
  readonly pingInterval: number;
}

export const defaultSocketLimits: SocketLimits = {
  maxMessageBytes: 64 * 1024,
  maxWaitingBytes: 64 * 1024,
  pingInterval: 30_000,
};

/** All WebSockets of a server. */
export interface SocketServer {
  /** Ends the handshake and runs the session. */
  accept(incoming: IncomingMessage, socket: Socket, head: Buffer, session: Session): void;
  /** Asks every peer to close (1001: going away); new ones are asked at once. */
  close(): void;
  /** Ends what is still open. */
  cut(): void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly raw: Socket;
  readonly stop: AbortController;
  /** Looks without a sign of life. */
  silent: number;
  /** What the system had taken at the last look, in bytes. */
  taken: number;
}

/** Sockets without compression, which would cost each of them some 100 KB. `onFault` hears what broke a session. */
export function createSocketServer(
  onFault: (error: unknown) => void,
  limits: SocketLimits = defaultSocketLimits,
): SocketServer {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
  });
  const open = new Map<WebSocket, Connection>();
  let pinging: NodeJS.Timeout | null = null;
  let isClosing = false;

  function begin(socket: WebSocket, raw: Socket, session: Session): void {
    const connection: Connection = { socket, raw, stop: new AbortController(), silent: 0, taken: 0 };
    open.set(socket, connection);
    pinging ??= setInterval(() => {
      for (const one of open.values()) lookAt(one);
    }, limits.pingInterval).unref();
    const live = () => {
      connection.silent = 0;
    };
    socket.on('pong', live).on('ping', live).on('message', live);
    // A fault of the peer's: ws closes the socket with the code for it.
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      connection.stop.abort();
      if (open.size > 0 || pinging === null) return;
      clearInterval(pinging);
      pinging = null;
    });
    if (isClosing) goAway(connection);
    else void run(connection, session, limits.maxWaitingBytes, onFault);
  }

  return {
    accept(incoming, socket, head, session) {
      server.handleUpgrade(incoming, socket, head, (made) => begin(made, socket, session));
    },
    close() {
      isClosing = true;
      for (const connection of open.values()) goAway(connection);
    },
    cut() {
      for (const { socket } of open.values()) socket.terminate();
    },
  };
}

async function run(
  { socket, stop }: Connection,
  session: Session,
  maxWaitingBytes: number,
  onFault: (error: unknown) => void,
): Promise<void> {
  try {
    await session({ send: (text) => sendTo(socket, text, maxWaitingBytes), signal: stop.signal });
    socket.close(1000);
  } catch (error) {
    if (stop.signal.aborted || error instanceof PeerGone) {
      socket.close(1000);
      return;
    }
    onFault(error);
    socket.close(1011, 'internal error');
  }
}

/** The peer is gone: no fault, and nobody to tell. */
class PeerGone extends Error {}

function sendTo(socket: WebSocket, text: string, maxWaitingBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) {
      reject(new PeerGone());
      return;
    }
    socket.send(text, (error) => {
      if (error == null) resolve();
      else reject(new PeerGone('', { cause: error }));
    });
    if (socket.bufferedAmount <= maxWaitingBytes) resolve();
  });
}

function goAway({ socket, stop }: Connection): void {
  socket.close(1001, 'the server is stopping');
  stop.abort();
}

/** Cuts a peer that shows no life. One that still takes what was sent earlier is alive: a ping would wait behind all that. */
function lookAt(connection: Connection): void {
  const { socket, raw } = connection;
  const waiting = socket.bufferedAmount;
  const taken = raw.bytesWritten - waiting;
  if (waiting > 0 && taken !== connection.taken) connection.silent = 0;
  connection.taken = taken;
  connection.silent += 1;
  if (connection.silent > 2) {
    socket.terminate();
    return;
  }
  if (waiting === 0 && socket.readyState === socket.OPEN) socket.ping();
}
