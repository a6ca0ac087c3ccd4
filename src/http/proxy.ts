import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { unavailable } from '../core/errors.js';
import type { HttpContext, Upgrade } from './http-env.js';

/** What answers in Franca's place: a program that listens on this machine. */
export interface ProxyTarget {
  readonly port: number;
  /** Path and query as that program knows them, e.g. `/data/runs?tag=loss`. */
  readonly path: string;
}

/** How long the program behind may take, in milliseconds. */
export interface ProxyLimits {
  /** To the head of its answer. */
  readonly answerTimeout: number;
  /** Between two pieces of its answer. */
  readonly stallTimeout: number;
}

export const defaultProxyLimits: ProxyLimits = { answerTimeout: 60_000, stallTimeout: 120_000 };

const host = '127.0.0.1';

/** Headers of one connection, which mean nothing on the next (RFC 9110 section 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Headers that end here. Credentials are for Franca alone; cookies go neither way, since a browser sends
 * those of one port to all ports of a host; the rest is written anew.
 */
const ownRequestHeaders = ['authorization', 'cookie', 'expect', 'host', 'origin', 'referer'];
const ownAnswerHeaders = ['set-cookie', 'strict-transport-security'];

/** Which header fields stay behind, by the message's own Connection header too. */
function leftBehind(connection: string | null | undefined, own: readonly string[]): ReadonlySet<string> {
  const named = (connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return new Set([...hopByHop, ...own, ...named]);
}

function requestHeaders(c: HttpContext, port: number): OutgoingHttpHeaders {
  const { headers } = c.req.raw;
  const dropped = leftBehind(headers.get('connection'), ownRequestHeaders);
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of headers) {
    if (!dropped.has(name)) kept[name] = value;
  }
  // The guard has let the sender's Origin pass; the program behind knows but its own.
  const origin = headers.has('origin') ? { origin: `http://${host}:${port}` } : {};
  const upgrade = c.env?.upgrade === undefined ? {} : { connection: 'Upgrade', upgrade: 'websocket' };
  return { ...kept, ...origin, ...upgrade, host: `${host}:${port}` };
}

function answerHeaders({ headers }: IncomingMessage, port: number): Record<string, string> {
  const dropped = leftBehind(headers.connection, ownAnswerHeaders);
  // Its own pages may frame each other, as TensorBoard's do; others may not, unless the program lets them.
  const kept: Record<string, string> = { 'x-frame-options': 'SAMEORIGIN' };
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || dropped.has(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const own = `http://${host}:${port}/`;
  // An address of its own that no client reaches; its path is right if it knows its prefix.
  if (kept.location?.startsWith(own)) kept.location = kept.location.slice(own.length - 1);
  return kept;
}

type Answer =
  | { readonly kind: 'answer'; readonly message: IncomingMessage }
  | {
      readonly kind: 'upgrade';
      readonly message: IncomingMessage;
      readonly socket: Socket;
      readonly head: Buffer;
    };

function answerTo(asking: ClientRequest, limits: ProxyLimits): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => asking.destroy(new Error(`no answer in ${limits.answerTimeout} ms`)),
      limits.answerTimeout,
    );
    asking.on('close', () => clearTimeout(late));
    asking.on('error', reject);
    asking.on('response', (message) => {
      clearTimeout(late);
      message.setTimeout(limits.stallTimeout, () => message.destroy(new Error('the answer stalled')));
      resolve({ kind: 'answer', message });
    });
    asking.on('upgrade', (message, socket: Socket, head) => {
      clearTimeout(late);
      resolve({ kind: 'upgrade', message, socket, head });
    });
  });
}

/** Sends the request on, its body as it comes. */
function ask(c: HttpContext, { port, path }: ProxyTarget): ClientRequest {
  const { raw } = c.req;
  const asking = request({
    host,
    port,
    path,
    method: raw.method,
    headers: requestHeaders(c, port),
    // A connection of its own: one that the program closes in between would fail the next request.
    agent: false,
  });
  raw.signal.addEventListener('abort', () => asking.destroy());
  if (raw.body === null || c.env?.upgrade !== undefined) {
    asking.end();
    return asking;
  }
  const body = Readable.fromWeb(raw.body as NodeReadableStream);
  body.on('error', (error) => asking.destroy(error));
  body.pipe(asking);
  return asking;
}

/** The body as its reader asks for more. `cut` ends the connection: a broken answer must not look whole. */
function bodyOf(message: IncomingMessage, cut: () => void): ReadableStream<Uint8Array> {
  const parts = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await parts.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch {
          cut();
        }
      },
      cancel() {
        message.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

function headOf(message: IncomingMessage): string {
  const lines = [`HTTP/1.1 101 ${message.statusMessage ?? ''}`, 'Connection: Upgrade', 'Upgrade: websocket'];
  const dropped = leftBehind(message.headers.connection, ownAnswerHeaders);
  for (const [name, value] of Object.entries(message.headers)) {
    if (!dropped.has(name)) lines.push(`${name}: ${String(value)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Lets two connections speak with each other; the end of one is the end of the other. */
function join(upgrade: Upgrade, answer: Answer & { kind: 'upgrade' }): void {
  const { message, socket: behind, head } = answer;
  behind.on('error', () => {});
  upgrade.handOver((socket, sent) => {
    socket.write(headOf(message));
    socket.write(head);
    behind.write(sent);
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      from.setTimeout(0);
      from.setKeepAlive(true, 60_000);
      from.once('close', () => to.destroy());
      from.pipe(to);
    }
  });
}

/**
 * Has a program on the loopback interface answer a request, HTTP or WebSocket. Bodies are streamed both
 * ways, at the pace of the slower side; a client that goes away ends the program's work for it.
 *
 * @throws CoreError `unavailable` when nothing listens there, or no proper answer comes in time.
 */
export async function proxy(
  c: HttpContext,
  target: ProxyTarget,
  limits: ProxyLimits = defaultProxyLimits,
): Promise<Response> {
  const answer = await answerTo(ask(c, target), limits).catch((error: unknown) => {
    throw unavailable('bad gateway: the program behind this address does not answer', error);
  });
  const { message } = answer;
  if (answer.kind === 'upgrade') {
    if (c.env?.upgrade === undefined) {
      answer.socket.destroy();
      throw unavailable('bad gateway: the program behind this address changed the protocol unasked');
    }
    join(c.env?.upgrade, answer);
    return c.body(null, 200);
  }
  const status = (message.statusCode ?? 502) as ContentfulStatusCode;
  const headers = answerHeaders(message, target.port);
  const isEmpty = c.req.method === 'HEAD' || status === (204 as number) || status === (304 as number);
  if (isEmpty) {
    message.resume();
    return c.newResponse(null, status, headers);
  }
  return c.body(
    bodyOf(message, () => c.env?.outgoing?.destroy()),
    status,
    headers,
  );
}
