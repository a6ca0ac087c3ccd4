import { request } from 'node:http';
import WebSocket from 'ws';
import { eventually } from '../faults/support.js';

/** What these tests look at of an experiment. */
export interface PolyaxonExperiment {
  readonly id: number;
  readonly uuid: string;
  readonly last_status: string;
  readonly last_metric: Readonly<Record<string, number>> | null;
  readonly params: Readonly<Record<string, unknown>> | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly total_run: string | null;
}

/** A row of an experiment's metrics. */
export interface PolyaxonMetric {
  readonly id: number;
  readonly created_at: string;
  readonly values: Readonly<Record<string, number>>;
}

/** The project `p` of root, as Polyaxon's clients speak of it. Paths are below it. */
export interface PolyaxonProject {
  readonly path: string;
  send(method: string, path: string, body?: unknown): Promise<Response>;
  /** The JSON of an answer, null where it has none. Throws for any answer but a success. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** The id of a new experiment whose job runs this in a shell. */
  submit(cmd: string): Promise<number>;
  /** The id of a new experiment that only reports here. */
  track(): Promise<number>;
  get(id: number): Promise<PolyaxonExperiment>;
  /** Asks until the experiment has this status. */
  waitFor(id: number, status: string, seconds?: number): Promise<PolyaxonExperiment>;
  metrics(id: number): Promise<readonly PolyaxonMetric[]>;
  /** Uploads a tar.gz as code. */
  upload(archive: Uint8Array | AsyncIterable<Uint8Array>): Promise<Response>;
  follow(id: number): Follower;
}

/** Makes the project, and gives the way to speak of it. */
export async function createProject(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PolyaxonProject> {
  const made = await fetch(`${url}/api/v1/projects`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"name": "p"}',
  });
  if (made.status !== 201) throw new Error(await made.text());
  return projectAt(url, headers);
}

/** The same for one that is there. */
export function projectAt(url: string, headers: Readonly<Record<string, string>> = {}): PolyaxonProject {
  const path = '/api/v1/root/p';
  const send = (method: string, below: string, body?: unknown) =>
    fetch(`${url}${path}${below}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  async function ask<T>(method: string, below: string, body?: unknown): Promise<T> {
    const answer = await send(method, below, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${below}: ${answer.status} ${text}`);
    return JSON.parse(text === '' ? 'null' : text) as T;
  }
  const create = async (body: object) => (await ask<{ id: number }>('POST', '/experiments', body)).id;
  const get = (id: number) => ask<PolyaxonExperiment>('GET', `/experiments/${id}`);
  return {
    path,
    send,
    ask,
    get,
    submit: (cmd) => create({ content: { version: 1, kind: 'experiment', run: { cmd } } }),
    track: () => create({ is_managed: false }),
    waitFor: (id, status, seconds) =>
      eventually(async () => {
        const experiment = await get(id);
        if (experiment.last_status !== status) throw new Error(`${id} is ${experiment.last_status}`);
        return experiment;
      }, seconds),
    async metrics(id) {
      const { results } = await ask<{ results: PolyaxonMetric[] }>('GET', `/experiments/${id}/metrics`);
      return results;
    },
    upload: (archive) => upload(`${url}${path}/repo/upload`, headers, archive),
    follow: (id) =>
      createFollower(`${url.replace('http', 'ws')}${path}/experiments/${id}/logs/stream`, headers),
  };
}

async function upload(
  url: string,
  headers: Readonly<Record<string, string>>,
  archive: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Response> {
  const boundary = 'the-end-of-a-part';
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="repo"; filename="repo.tar.gz"\r\n\r\n`,
    );
    if (archive instanceof Uint8Array) yield archive;
    else yield* archive;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return fetch(url, {
    method: 'PUT',
    headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: ReadableStream.from(body()),
    duplex: 'half',
  } as RequestInit);
}

/** One that follows the log of an experiment. */
export interface Follower {
  readonly socket: WebSocket;
  readonly lines: string[];
  readonly statuses: string[];
  /** Resolves with the code that the server closes with. */
  readonly closed: Promise<number>;
}

function createFollower(url: string, headers: Readonly<Record<string, string>>): Follower {
  const socket = new WebSocket(url, { headers });
  const lines: string[] = [];
  const statuses: string[] = [];
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as { log_lines: string[] | null; status: string | null };
    for (const line of frame.log_lines ?? []) lines.push(line);
    if (frame.status !== null) statuses.push(frame.status);
  });
  const closed = new Promise<number>((resolve, reject) => {
    socket.once('close', resolve).once('error', reject);
  });
  // Whoever awaits it hears of it.
  closed.catch(() => {});
  return { socket, lines, statuses, closed };
}

/** The answer to a target that is sent letter by letter: other clients would tidy it first. */
export function rawGet(port: number, target: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target }, (answer) => {
      let text = '';
      answer.setEncoding('latin1').on('data', (piece: string) => {
        text += piece;
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text })).once('error', reject);
    });
    sent.once('error', reject).end();
  });
}
