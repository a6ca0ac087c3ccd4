import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { BodyPace, type PaceLimits } from './body-pace.js';
import { hostName } from './guard.js';
import type { Fetch } from './http-env.js';
import { createSocketServer, type SocketLimits } from './socket-server.js';
import { createUpgrades, Incoming } from './upgrade.js';

/** How long and how much a client may make the server wait. Times in milliseconds. */
export interface ServerLimits extends PaceLimits {
  /** From the first byte of a request to the end of its headers; then 408. */
  readonly headersTimeout: number;
  /** How often that, and the pace of bodies, is looked at. */
  readonly checkInterval: number;
  /** An idle connection between requests. */
  readonly keepAliveTimeout: number;
  /** No byte in either direction: the client has stopped reading, or is gone. */
  readonly stallTimeout: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
}

export const defaultLimits: ServerLimits = {
  headersTimeout: 15_000,
  bodyWindow: 60_000,
  minBodyBytes: 64 * 1024,
  checkInterval: 1_000,
  keepAliveTimeout: 5_000,
  stallTimeout: 120_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 8_192,
};

/** How WebSockets are served. */
export interface SocketOptions {
  readonly limits?: SocketLimits;
  /** Hears what broke a session, other than its peer. */
  readonly onFault?: (error: unknown) => void;
}

/** A listening socket and the requests on it. */
export interface HttpServer {
  /** Resolves once connections are taken; rejects with the system's error (EADDRINUSE, EACCES). Port 0 takes a free one. */
  listen(host: string, port: number): Promise<AddressInfo>;
  /**
   * Takes no more connections, ends those that are idle, lets each request in flight be answered, and asks
   * the peers of WebSockets to close; what is still open after `graceMs` is cut. Resolves when no
   * connection is left.
   */
  close(graceMs: number): Promise<void>;
}

function problem(status: number): string {
  return JSON.stringify({ error: (STATUS_CODES[status] ?? '').toLowerCase().replaceAll(' ', '_'), status });
}

function badRequest(): Response {
  return new Response(problem(400), { status: 400, headers: { 'Content-Type': 'application/json' } });
}

function end(outgoing: ServerResponse, status: number, body = problem(status)): void {
  outgoing.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  outgoing.end(body);
}

/** The path and query of a target in absolute form, if it names the same host as the Host header; else null. */
function originForm(target: string, host: string | undefined): string | null {
  if (!URL.canParse(target)) return null;
  const url = new URL(target);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  const isOurs = url.host === host?.toLowerCase() && url.username === '' && url.password === '';
  // As it was sent, and not as the URL has tidied it.
  const sent = target.replace(/^https?:\/\/[^/\\?#]*/i, '');
  return isHttp && isOurs ? sent.replace(/^(?!\/)/, '/') : null;
}

/** Brings the request target into origin form. False when it was answered here. */
function takeTarget(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const target = incoming.url ?? '';
  const { host } = incoming.headers;
  // The URL is built from Host. One that cannot be part of a URL is left out of it; the guard still
  // sees it, and refuses the request in the words of its dialect.
  if (host !== undefined && hostName(host) === null) incoming.headers.host = 'invalid.';
  if (target.startsWith('/')) return true;
  if (target === '*' && incoming.method === 'OPTIONS') {
    outgoing.writeHead(200, { 'Content-Length': 0, Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' });
    outgoing.end();
    return false;
  }
  const path = originForm(target, host);
  if (path === null) end(outgoing, 400);
  else incoming.url = path;
  return path !== null;
}

const statusOfParserError: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what the HTTP parser refused, unless an answer has begun, which must not be mixed with another. */
function refuse(error: NodeJS.ErrnoException, socket: Socket, hasBegun: boolean): void {
  if (!socket.writable || error.code === 'ECONNRESET' || hasBegun) {
    socket.destroy();
    return;
  }
  const status = statusOfParserError[error.code ?? ''] ?? 400;
  const body = problem(status);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

function createNodeServer(limits: ServerLimits): Server {
  const server = createServer({
    IncomingMessage: Incoming,
    headersTimeout: limits.headersTimeout,
    // The pace of the body counts instead.
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkInterval,
    keepAliveTimeout: limits.keepAliveTimeout,
    maxHeaderSize: limits.maxHeaderBytes,
    // A missing Host gets the guard's answer instead of an empty one.
    requireHostHeader: false,
  });
  server.maxConnections = limits.maxConnections;
  server.setTimeout(limits.stallTimeout);
  return server;
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Serves a fetch function on a socket, within limits that hold slow and broken clients off. */
export function createHttpServer(
  fetch: Fetch,
  limits: ServerLimits = defaultLimits,
  { limits: socketLimits, onFault = () => {} }: SocketOptions = {},
): HttpServer {
  const server = createNodeServer(limits);
  const upgrades = createUpgrades(createSocketServer(onFault, socketLimits));
  const answering = new Set<ServerResponse>();
  const pace = new BodyPace(limits, limits.checkInterval, ({ socket }) => {
    const error = Object.assign(new Error('the body comes too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    server.emit('clientError', error, socket);
  });
  let closing = false;
  const handle = getRequestListener(
    (request, bindings) => upgrades.answer(fetch, request, bindings as HttpBindings),
    {
      // For a request without a Host header; see takeTarget.
      hostname: 'invalid.',
      errorHandler: badRequest,
    },
  );

  server.on('request', (incoming, outgoing) => {
    answering.add(outgoing);
    pace.watch(incoming, outgoing);
    if (closing) outgoing.shouldKeepAlive = false;
    outgoing.once('close', () => {
      answering.delete(outgoing);
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    if (takeTarget(incoming, outgoing)) void handle(incoming, outgoing);
  });
  server.on('upgrade', (incoming, socket: Socket, head) => {
    const outgoing = upgrades.open(incoming, socket, head);
    if (takeTarget(incoming, outgoing)) void handle(incoming, outgoing);
  });
  server.on('clientError', (error, socket) => {
    const hasBegun = [...answering].some((outgoing) => outgoing.socket === socket && outgoing.headersSent);
    refuse(error, socket as Socket, hasBegun);
  });

  return {
    listen: (host, port) => listen(server, host, port),
    close(graceMs) {
      closing = true;
      const cut = setTimeout(() => {
        server.closeAllConnections();
        upgrades.cut();
      }, graceMs);
      return new Promise((resolve) => {
        server.close(() => {
          clearTimeout(cut);
          pace.close();
          resolve();
        });
        for (const outgoing of answering) outgoing.shouldKeepAlive = false;
        upgrades.close();
      });
    },
  };
}
