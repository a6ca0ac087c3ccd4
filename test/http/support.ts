import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { pino } from 'pino';
import { adapterDepsOf } from '../../src/commands/adapter-deps.js';
import { nobodyToWake, openPorts } from '../../src/commands/open-ports.js';
import { type Flags, loadConfig } from '../../src/config.js';
import type { Adapter, AdapterDeps } from '../../src/http/adapter.js';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { bootstrap } from '../../src/services/accounts/bootstrap.js';

/** Everything that an adapter is built from, over a real store in a folder of its own. */
export interface Site {
  readonly deps: AdapterDeps;
  readonly lifecycle: { stopping: boolean };
  /** What was logged, line by line. */
  readonly logged: string[];
  remove(): Promise<void>;
}

export async function createSite(flags: Flags = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-http-'));
  const config = loadConfig({ data: folder, ...flags }, {});
  const open = await openPorts(config, nobodyToWake);
  const workspace = await bootstrap(open.ports, { user: config.user, workspace: config.workspace });
  const lifecycle = { stopping: false };
  const logged: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  return {
    deps: adapterDepsOf(config, { ports: open.ports, workspace, lifecycle, logger, version: '1.2.3' }),
    lifecycle,
    logged,
    async remove() {
      await open.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const Note = z.object({ title: z.string(), count: z.number().optional() }).openapi('Note');
const Problem = z.object({ code: z.string(), message: z.string(), requestId: z.string() }).openapi('Problem');

/** Endless lines, counted by `taken`; fails at `failAt`; tells `ended` when it is left. */
export interface LineSource {
  taken: number;
  ended: boolean;
  failAt: number;
  length: number;
}

export async function* linesOf(source: LineSource): AsyncGenerator<string> {
  try {
    while (source.taken < source.length) {
      if (source.taken === source.failAt) throw new Error('the disk of /secret/place broke');
      source.taken += 1;
      yield `line ${source.taken} ${'x'.repeat(90)}`;
    }
  } finally {
    source.ended = true;
  }
}

/** A dialect of the tests' own: every feature of `createDialectApp` in a few routes. */
export function createNotes(deps: AdapterDeps, source?: LineSource): Adapter {
  const notes = createDialectApp({
    deps,
    title: 'Notes',
    description: 'A dialect for tests.',
    contentType: 'application/json;charset=utf-8',
    checksAccept: true,
    maxBodyBytes: 1024 * 1024,
    errorSchema: Problem,
    renderError: (error, requestId) => ({
      status: httpStatusOf[error.code],
      body: { code: error.code, message: error.message, detail: error.detail, requestId },
    }),
  });
  const answers = { 200: { description: 'A note.', schema: Note } };
  const common = { tag: 'Note', summary: 'A note', answers };
  notes.add(
    {
      ...common,
      method: 'get',
      path: '/api/v1/experiment/{id}',
      operationId: 'getNote',
      params: z.object({ id: z.string() }),
      query: z.object({ status: z.string().optional(), tag: z.array(z.string()).optional() }),
    },
    ({ params, query }, context, c) => {
      if (params.id === 'broken') throw new Error('select * from /secret/place');
      return notes.answer(c, { id: params.id, query, user: context.actor.user.name });
    },
  );
  notes.add(
    {
      ...common,
      method: 'post',
      path: '/api/v1/experiment',
      operationId: 'createNote',
      body: { schema: Note.optional(), mediaTypes: ['application/json', 'application/yaml'] },
    },
    ({ body, source: { mediaType, text } }, _context, c) =>
      notes.answer(c, { title: body?.title ?? null, mediaType, length: text.length }),
  );
  notes.addOpen(
    { ...common, method: 'get', path: '/api/v1/environment', operationId: 'streamLines' },
    (_input, c) => notes.stream(c, { ok: true, lines: source === undefined ? [] : linesOf(source), end: 1 }),
  );
  return {
    name: 'submarine',
    app: notes.app,
    document: notes.document,
    jobEnvironment: () => ({}),
  };
}

/** An answer read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Asks with exactly the headers given: unlike fetch, it lets a test choose Host and Origin. */
export function ask(port: number, options: RequestOptions, body?: string | Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, agent: false, ...options }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** A bare connection, for what no HTTP client would send. */
export interface RawConnection {
  readonly socket: Socket;
  /** All that has come so far. */
  received(): string;
  /** Resolves with all that came when the server has ended the connection. */
  readonly closed: Promise<string>;
}

export function connectRaw(port: number, text = ''): RawConnection {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (part: string) => {
    received += part;
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  socket.write(text);
  return { socket, received: () => received, closed };
}
