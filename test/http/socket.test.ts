import { once } from 'node:events';
import { z } from '@hono/zod-openapi';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import type { Health } from '../../src/gateway/readiness.js';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { defaultSocketLimits, type Peer } from '../../src/http/socket-server.js';
import { createFrancaServer } from '../../src/server.js';
import { createToken } from '../../src/services/accounts/create-token.js';
import { ask, connectRaw, createSite, type Site } from './support.js';

let site: Site;
let server: HttpServer;
let port: number;
/** What the session of the test does. */
let session: (peer: Peer) => Promise<void>;
let faults: unknown[];
const clients: WebSocket[] = [];

const Problem = z.object({ code: z.string(), message: z.string() }).openapi('SocketProblem');

/** A dialect with a WebSocket and a plain route. */
function createWatchers() {
  const app = createDialectApp({
    deps: site.deps,
    title: 'Watchers',
    description: 'A dialect for tests.',
    contentType: 'application/json;charset=utf-8',
    checksAccept: false,
    maxBodyBytes: 1024,
    errorSchema: Problem,
    renderError: (error) => ({
      status: httpStatusOf[error.code as keyof typeof httpStatusOf],
      body: { code: error.code, message: error.message },
    }),
  });
  const tag = 'Watch';
  app.addSocket(
    {
      path: '/ws/v1/{name}/{count}',
      operationId: 'watch',
      tag,
      summary: 'A socket',
      params: z.object({ name: z.string(), count: z.coerce.number().int() }),
    },
    ({ params }, context) => {
      if (params.name === 'broken') throw new Error('select * from /secret/place');
      return async (peer) => {
        if (params.name === 'hello') {
          for (let n = 0; n < params.count; n += 1) await peer.send(`${context.actor.user.name} ${n}`);
        } else await session(peer);
      };
    },
  );
  const answers = { 200: { description: 'An answer.' } };
  app.addOpen(
    { method: 'get', path: '/ws/v1/plain', operationId: 'plain', tag, summary: 'x', answers },
    (_i, c) => app.answer(c, { ok: true }),
  );
  app.addOpen(
    {
      method: 'post',
      path: '/ws/v1/plain',
      operationId: 'postPlain',
      tag,
      summary: 'x',
      answers,
      body: { schema: z.unknown(), mediaTypes: ['application/json'] },
    },
    ({ body }, c) => app.answer(c, { body }),
  );
  return app;
}

async function serveWatchers(flags = {}, pingInterval = defaultSocketLimits.pingInterval): Promise<void> {
  site = await createSite(flags);
  const watchers = createWatchers();
  faults = [];
  server = createHttpServer((request, bindings) => watchers.app.fetch(request, bindings), defaultLimits, {
    limits: { ...defaultSocketLimits, pingInterval },
    onFault: (error) => void faults.push(error),
  });
  ({ port } = await server.listen('127.0.0.1', 0));
}

beforeEach(() => serveWatchers());

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await server.close(0);
  await site.remove();
});

function connect(path: string, options: ClientOptions = {}): WebSocket {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  client.on('error', () => {});
  clients.push(client);
  return client;
}

interface Heard {
  readonly texts: string[];
  readonly code: number;
}

async function hear(client: WebSocket): Promise<Heard> {
  const texts: string[] = [];
  client.on('message', (data) => void texts.push(String(data)));
  const [code] = (await once(client, 'close')) as [number];
  return { texts, code };
}

interface Refusal {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** The HTTP answer to a handshake that is refused. */
async function refusal(path: string, options: ClientOptions = {}): Promise<Refusal> {
  const client = connect(path, options);
  return new Promise((resolve, reject) => {
    client.on('open', () => reject(new Error('the handshake was taken')));
    client.on('unexpected-response', (_request, answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          type: answer.headers['content-type'],
          body: JSON.parse(text) as unknown,
        }),
      );
    });
  });
}

const envelope = 'application/json;charset=utf-8';

describe('a handshake', () => {
  it('that a route takes becomes a socket, which closes when all is said', async () => {
    expect(await hear(connect('/ws/v1/hello/3'))).toEqual({
      texts: ['root 0', 'root 1', 'root 2'],
      code: 1000,
    });
  });

  it.each([
    ['an unknown path', '/ws/v1/nothing', {}, 404, 'not_found'],
    ['a bad parameter', '/ws/v1/hello/many', {}, 400, 'invalid'],
    ['a foreign Origin', '/ws/v1/hello/1', { origin: 'https://evil.example' }, 403, 'forbidden'],
    ['a foreign Host', '/ws/v1/hello/1', { headers: { Host: 'evil.example' } }, 403, 'forbidden'],
    ['an old version', '/ws/v1/hello/1', { protocolVersion: 8 }, 400, 'invalid'],
    ['a handler that fails', '/ws/v1/broken/1', {}, 500, 'internal'],
  ])('with %s is answered in the envelope of the dialect', async (_name, path, options, status, code) => {
    const answer = await refusal(path, options);
    expect(answer).toMatchObject({ status, type: envelope, body: { code } });
    expect(JSON.stringify(answer.body)).not.toContain('secret/place');
  });

  it('to a plain route is answered as any request, and ends the connection', async () => {
    expect(await refusal('/ws/v1/plain')).toMatchObject({ status: 200, body: { ok: true } });
  });

  it.each(['', 'c2hvcnQ=', 'x'.repeat(24)])('with the key %j is refused', async (key) => {
    const raw = connectRaw(
      port,
      `GET /ws/v1/hello/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('is asked for by whoever calls the address without one', async () => {
    const answer = await ask(port, { path: '/ws/v1/hello/1' });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { code: 'invalid' }]);
    expect((await ask(port, { path: '/ws/v1/hello/1', method: 'POST' })).status).toBe(405);
  });

  it('is refused while the server stops', async () => {
    site.lifecycle.stopping = true;
    expect(await refusal('/ws/v1/hello/1')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  });

  it('needs a token where requests need one', async () => {
    await server.close(0);
    await site.remove();
    await serveWatchers({ auth: 'token' });
    expect(await refusal('/ws/v1/hello/1')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const headers = { Authorization: 'token wrong' };
    expect(await refusal('/ws/v1/hello/1', { headers })).toMatchObject({ status: 401 });
    const { secret } = await createToken(site.deps.ports, { user: 'root', label: null, expiresAt: null });
    const told = await hear(connect('/ws/v1/hello/1', { headers: { Authorization: `token ${secret}` } }));
    expect(told.texts).toEqual(['root 0']);
  });

  it('goes to the dialect of its path, and elsewhere to the gateway', async () => {
    const health: Health = {
      pingStore: () => site.deps.ports.store.ping(),
      reconcilerReady: () => true,
      runnerReachable: () => true,
      stopping: () => false,
    };
    const watchers = createWatchers();
    const adapter = {
      name: 'polyaxon' as const,
      app: watchers.app,
      document: watchers.document,
      jobEnvironment: () => ({}),
    };
    await server.close(0);
    const whole = createFrancaServer({ deps: site.deps, adapters: [adapter], health });
    server = whole;
    ({ port } = await whole.listen('127.0.0.1', 0));
    expect((await hear(connect('/ws/v1/hello/1'))).texts).toEqual(['root 0']);
    expect(await refusal('/ws/v2/hello/1')).toMatchObject({ status: 404, body: { error: 'not_found' } });
    expect(whole.document().paths?.['/ws/v1/{name}/{count}']?.get?.responses).toHaveProperty('101');
  });
});

describe('other upgrades', () => {
  it('are served as if nobody had asked, bodies too', async () => {
    const body = '{"a":1}';
    const head = `POST /ws/v1/plain HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const raw = connectRaw(port, `${head}${body}`);
    await vi.waitFor(() => expect(raw.received()).toContain('{"body":{"a":1}}'));
    raw.socket.write('GET /ws/v1/plain HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    expect((await raw.closed).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });
});

describe('a session', () => {
  it('waits for a reader that does not read, in little memory, and goes on when it does', async () => {
    const text = 'x'.repeat(16 * 1024);
    let sent = 0;
    let done = false;
    session = async (peer) => {
      for (; sent < 4_000; sent += 1) await peer.send(text);
      done = true;
    };
    const client = connect('/ws/v1/own/1');
    const heard = hear(client);
    await once(client, 'open');
    client.pause();
    let before = -1;
    await vi.waitFor(
      () => {
        const stalled = sent === before && sent > 0;
        before = sent;
        expect(stalled).toBe(true);
      },
      { timeout: 5_000, interval: 100 },
    );
    // What the two kernels hold of 64 MB, and no more.
    expect(sent * text.length).toBeLessThan(20_000_000);
    expect(done).toBe(false);
    client.resume();
    const { code, texts } = await heard;
    expect([code, texts.length]).toEqual([1000, 4_000]);
  });

  it('is told when its peer leaves', async () => {
    const left = new Promise<void>((resolve) => {
      session = async (peer) => {
        await once(peer.signal, 'abort');
        await expect(peer.send('anybody?')).rejects.toThrow();
        resolve();
      };
    });
    const client = connect('/ws/v1/own/1');
    await once(client, 'open');
    client.terminate();
    await left;
    expect(faults).toEqual([]);
  });

  it('that fails closes with 1011, and the fault is told to the server alone', async () => {
    session = () => Promise.reject(new Error('the disk broke'));
    expect(await hear(connect('/ws/v1/own/1'))).toEqual({ texts: [], code: 1011 });
    expect(faults).toMatchObject([{ message: 'the disk broke' }]);
  });

  it('closes on messages that are too long, and drops others', async () => {
    session = async (peer) => {
      await peer.send('ready');
      await once(peer.signal, 'abort');
    };
    const client = connect('/ws/v1/own/1');
    const heard = hear(client);
    await once(client, 'message');
    client.send('dropped');
    client.send('x'.repeat(65 * 1024));
    expect((await heard).code).toBe(1009);
    expect(faults).toEqual([]);
  });
});

describe('peers that are gone', () => {
  it('are cut when they answer no ping; others stay', async () => {
    await server.close(0);
    await site.remove();
    await serveWatchers({}, 50);
    let open = 0;
    session = async (peer) => {
      open += 1;
      await once(peer.signal, 'abort');
      open -= 1;
    };
    const silent = connect('/ws/v1/own/1', { autoPong: false });
    const alive = connect('/ws/v1/own/1');
    await Promise.all([once(silent, 'open'), once(alive, 'open')]);
    await once(silent, 'close');
    await vi.waitFor(() => expect(open).toBe(1));
    expect(alive.readyState).toBe(WebSocket.OPEN);
  });
});

describe('a server that stops', () => {
  it('tells its peers that it goes away', async () => {
    session = async (peer) => {
      await once(peer.signal, 'abort');
    };
    const client = connect('/ws/v1/own/1');
    const heard = hear(client);
    await once(client, 'open');
    await server.close(5_000);
    expect((await heard).code).toBe(1001);
  });

  it('does not wait for one that does not answer', async () => {
    session = async (peer) => {
      await once(peer.signal, 'abort');
    };
    const client = connect('/ws/v1/own/1');
    await once(client, 'open');
    client.pause();
    await server.close(100);
    client.resume();
    await once(client, 'close');
  });
});
