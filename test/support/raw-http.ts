import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer as it came, before anything is checked. */
export interface RawAnswer {
  readonly http: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A request that nothing tidies. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer;
  /** The content type; JSON unless it is given, none if it is null. */
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The parts of an answer of `fetch`. */
export async function rawAnswerOf(answer: Response): Promise<RawAnswer> {
  return { http: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Sends a request as it stands to a server of this machine: `fetch` would tidy its path and refuse some headers. */
export async function sendRaw(
  port: number,
  { method, path, body, type = 'application/json', headers }: RawRequest,
): Promise<RawAnswer> {
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: {
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      ...(body === undefined || type === null ? {} : { 'Content-Type': type }),
      ...headers,
    },
  });
  // A body that is refused before its end may find the connection closed behind the answer.
  const answered = once(sent, 'response');
  sent.on('error', () => undefined);
  sent.end(body);
  const [answer]: [IncomingMessage] = (await answered) as [IncomingMessage];
  return {
    http: answer.statusCode ?? 0,
    headers: new Headers(answer.headers as Record<string, string>),
    text: await text(answer),
  };
}
