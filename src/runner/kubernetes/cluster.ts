import { createHash } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

/** An answer of the API server that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    /** The API's own word for it, e.g. `AlreadyExists`; empty where it says none. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is asked of the API server. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute, with escaped names. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Of the body. */
  readonly mediaType?: string;
  readonly signal?: AbortSignal;
}

/** A cluster's API. Rejects with an ApiError for what the server refuses, and with Node's error where it cannot be reached. */
export interface Cluster {
  /** The answer's JSON. */
  request<T>(request: ApiRequest): Promise<T>;
  /** The answer's bytes as they come, for as long as they come. */
  stream(request: ApiRequest): Promise<AsyncIterable<Buffer>>;
  /** How many requests were made. */
  readonly requests: number;
  /** Later requests open connections anew: where one has fallen silent, idle ones on the same way may be as dead. */
  renewConnections(): void;
  close(): void;
}

const requestMillis = 30_000;
const maxAnswerBytes = 256 * 1024 * 1024;

/**
 * The cluster of the usual client configuration: KUBECONFIG, ~/.kube/config, or the pod's own service account. The
 * client library is loaded here alone, so that who runs jobs elsewhere does not pay for it.
 *
 * @throws Error with words for the operator where there is no configuration, or no such context.
 */
export async function connectCluster(context: string | null): Promise<Cluster> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  if (context !== null) {
    if (!config.getContexts().some(({ name }) => name === context))
      throw new Error(`FRANCA_K8S_CONTEXT: the client configuration has no context ${context}`);
    config.setCurrentContext(context);
  }
  // Without any configuration the library takes an address at which nobody serves Kubernetes any more.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080')
    throw new Error(
      'FRANCA_RUNNER=kubernetes: no cluster is configured (KUBECONFIG, or the pod’s own account)',
    );
  return new HttpCluster(config);
}

class HttpCluster implements Cluster {
  requests = 0;
  private readonly server: URL;
  private agent: { readonly digest: string; readonly agent: http.Agent } | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly config: KubeConfig) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('the client configuration has no current cluster');
    this.server = new URL(server);
  }

  async request<T>(request: ApiRequest): Promise<T> {
    const timeout = AbortSignal.timeout(requestMillis);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
    const answer = await this.send({ ...request, signal });
    return JSON.parse(await textOf(answer)) as T;
  }

  async stream(request: ApiRequest): Promise<AsyncIterable<Buffer>> {
    return this.send(request);
  }

  renewConnections(): void {
    for (const sockets of Object.values(this.agent?.agent.freeSockets ?? {}))
      for (const socket of sockets ?? []) socket.destroy();
    this.agent = null;
  }

  close(): void {
    this.closing.abort();
    this.agent?.agent.destroy();
  }

  private async send(request: ApiRequest): Promise<http.IncomingMessage> {
    this.requests += 1;
    const { method = 'GET', body } = request;
    const options: https.RequestOptions = { headers: {} };
    await this.config.applyToHTTPSOptions(options);
    const { host, agent, ...own } = options;
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      ...own.headers,
      accept: 'application/json, */*',
      ...(payload === undefined
        ? {}
        : { 'content-type': request.mediaType ?? 'application/json', 'content-length': payload.length }),
    };
    const { protocol } = this.server;
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = (protocol === 'http:' ? http : https).request(
        new URL(urlOf(this.server, request)),
        {
          ...own,
          method,
          headers,
          agent: this.agentFor(options),
          signal: AbortSignal.any([
            this.closing.signal,
            ...(request.signal === undefined ? [] : [request.signal]),
          ]),
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(payload);
    });
    answer.socket.setKeepAlive(true, 15_000);
    const { statusCode = 0 } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer;
    throw errorOf(statusCode, await textOf(answer));
  }

  /** One pool of connections for as long as the certificates are the same; the library would make one a request. */
  private agentFor(options: https.RequestOptions): http.Agent {
    if (this.config.getCurrentCluster()?.proxyUrl) return options.agent as http.Agent;
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const digest = createHash('sha256')
      .update(JSON.stringify([String(ca), String(cert), String(key), rejectUnauthorized, servername]))
      .digest('hex');
    if (this.agent?.digest === digest) return this.agent.agent;
    const tls = { ca, cert, key, rejectUnauthorized, servername, keepAlive: true };
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const agent =
      this.server.protocol === 'http:' ? new http.Agent({ keepAlive: true }) : new https.Agent(given);
    this.agent = { digest, agent };
    return agent;
  }
}

function urlOf(server: URL, { path, query = {} }: ApiRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `${server.origin}${server.pathname.replace(/\/$/, '')}${path}${text === '' ? '' : `?${text}`}`;
}

async function textOf(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new Error('the answer of the API server is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorOf(statusCode: number, text: string): ApiError {
  try {
    const { reason, message } = JSON.parse(text) as { reason?: unknown; message?: unknown };
    if (typeof message === 'string')
      return new ApiError(statusCode, typeof reason === 'string' ? reason : '', message);
  } catch {
    // Not the API's own answer, but a proxy's or the kubelet's.
  }
  return new ApiError(statusCode, '', text.trim().slice(0, 500) || `the API server answered ${statusCode}`);
}

/** True for an answer with this status. */
export function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}

/** True where another try may succeed: the server is not reached, has too much to do, or is not well. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 429 || error.status >= 500;
}
