import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from '@hono/zod-openapi';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { createHttpServer, defaultLimits, type HttpServer } from '../../src/http/node-server.js';
import { proxy } from '../../src/http/proxy.js';
import { ask, connectRaw, createSite, type Site } from './support.js';

let site: Site;
let server: HttpServer;
let port: number;
/** The program behind. */
let behind: Server;
let behindPort: number;
let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
let seen: IncomingMessage[];

beforeEach(async () => {
  seen = [];
  answer = (_incoming, outgoing) => void outgoing.end('hello');
  behind = createServer((incoming, outgoing) => {
    seen.push(incoming);
    answer(incoming, outgoing);
  });
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  behindPort = (behind.address() as AddressInfo).port;

  site = await createSite();
  const app = createDialectApp({
    deps: site.deps,
    title: 'Board',
    description: 'A dialect for tests.',
    contentType: 'application/json;charset=utf-8',
    checksAccept: false,
    maxBodyBytes: 0,
    errorSchema: z.object({ code: z.string() }).openapi('BoardProblem'),
    renderError: (error) => ({
      status: httpStatusOf[error.code as keyof typeof httpStatusOf],
      body: { code: error.code, message: error.message },
    }),
  });
  for (const method of ['get', 'post'] as const) {
    app.add(
      {
        method,
        path: '/tensorboard/{path{.*}}',
        operationId: `${method}Board`,
        tag: 'Board',
        summary: 'A board',
        answers: { 200: { description: 'What the board answers.' } },
      },
      (_input, _context, c) => {
        const { pathname, search } = new URL(c.req.url);
        const path = pathname.slice('/tensorboard'.length) + search;
        return proxy(c, { port: behindPort, path }, { answerTimeout: 500, stallTimeout: 1_000 });
      },
    );
  }
  server = createHttpServer((incoming, bindings) => app.app.fetch(incoming, bindings), defaultLimits);
  ({ port } = await server.listen('127.0.0.1', 0));
});

afterEach(async () => {
  behind.closeAllConnections();
  behind.close();
  await server.close(0);
  await site.remove();
});

const secrets = { Authorization: 'token secret', Cookie: 'session=secret', 'Proxy-Authorization': 'Basic x' };

describe('a request', () => {
  it('is asked of the program, without what is Franca’s own or of one connection', async () => {
    answer = (_incoming, outgoing) => {
      outgoing.writeHead(201, {
        'Content-Type': 'text/html',
        'Cache-Control': 'max-age=5',
        'Set-Cookie': 'a=b',
        Connection: 'X-Hop',
        'X-Hop': '1',
        'X-Kept': '2',
        Location: `http://127.0.0.1:${behindPort}/data?x=1`,
      });
      outgoing.end('<p>');
    };
    const got = await ask(port, {
      path: '/tensorboard/data/%C3%A4?tag=a%2Fb&tag=c',
      headers: {
        ...secrets,
        Connection: 'close, X-Mine',
        'X-Mine': '1',
        'X-Other': '2',
        TE: 'trailers',
        Origin: `http://127.0.0.1:${port}`,
        Referer: 'http://127.0.0.1/?token=secret',
      },
    });
    expect([got.status, got.text]).toEqual([201, '<p>']);
    expect(got.headers).toMatchObject({
      'content-type': 'text/html',
      'cache-control': 'max-age=5',
      'x-kept': '2',
      location: '/data?x=1',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
    for (const name of ['set-cookie', 'x-hop']) expect(got.headers).not.toHaveProperty(name);
    const [asked] = seen;
    expect([asked?.url, asked?.method]).toEqual(['/data/%C3%A4?tag=a%2Fb&tag=c', 'GET']);
    expect(asked?.headers).toMatchObject({
      host: `127.0.0.1:${behindPort}`,
      origin: `http://127.0.0.1:${behindPort}`,
      'x-other': '2',
    });
    const names = Object.keys(asked?.headers ?? {});
    for (const name of ['authorization', 'cookie', 'proxy-authorization', 'te', 'x-mine', 'referer']) {
      expect(names).not.toContain(name);
    }
  });

  it('has its body streamed in, and its answer out', async () => {
    answer = (incoming, outgoing) => {
      incoming.on('data', (part: Buffer) => outgoing.write(String(part).toUpperCase()));
      incoming.on('end', () => outgoing.end('.'));
    };
    const asking = request({
      host: '127.0.0.1',
      port,
      path: '/tensorboard/echo',
      method: 'POST',
      agent: false,
    });
    asking.write('one ');
    const [got] = (await once(asking, 'response')) as [IncomingMessage];
    got.setEncoding('utf8');
    expect((await once(got, 'data'))[0]).toBe('ONE ');
    asking.end('two');
    let rest = '';
    for await (const part of got) rest += part as string;
    expect(rest).toBe('TWO.');
  });

  it.each([
    [200, 'HEAD', ''],
    [204, 'GET', ''],
    [304, 'GET', ''],
    [404, 'GET', 'hello'],
    [500, 'GET', 'hello'],
  ])('that is answered %i to %s comes back so', async (status, method, text) => {
    answer = (_incoming, outgoing) => {
      outgoing.writeHead(status, { ETag: 'x' });
      outgoing.end(text);
    };
    const got = await ask(port, { path: '/tensorboard/', method });
    expect([got.status, got.text, got.headers.etag]).toEqual([status, text, 'x']);
  });

  it('of a client that goes away ends at the program too', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_incoming, outgoing) => {
        outgoing.write('first');
        outgoing.on('close', () => resolve());
      };
    });
    const raw = connectRaw(port, 'GET /tensorboard/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await vi.waitFor(() => expect(raw.received()).toContain('first'));
    raw.socket.destroy();
    await closed;
  });

  it('of a client that goes away before the answer ends at the program too', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_incoming, outgoing) => void outgoing.on('close', () => resolve());
    });
    const raw = connectRaw(port, 'GET /tensorboard/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    raw.socket.destroy();
    await closed;
  });

  it('whose answer is not read keeps the program waiting', async () => {
    let written = 0;
    let full = false;
    const part = 'x'.repeat(64 * 1024);
    answer = (_incoming, outgoing) => {
      const more = () => {
        while (outgoing.write(part)) written += part.length;
        full = true;
        outgoing.once('drain', more);
      };
      more();
    };
    const raw = connectRaw(port, 'GET /tensorboard/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    raw.socket.pause();
    let before = -1;
    await vi.waitFor(
      () => {
        const stalled = full && written === before;
        before = written;
        expect(stalled).toBe(true);
      },
      { timeout: 5_000, interval: 150 },
    );
    expect(written).toBeLessThan(40_000_000);
    raw.socket.destroy();
  });
});

describe('a program that fails', () => {
  it('is not there: 503 in words', async () => {
    behind.close();
    const got = await ask(port, { path: '/tensorboard/' });
    expect(got.status).toBe(503);
    expect(JSON.parse(got.text)).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('bad gateway'),
    });
  });

  it.each([
    ['hangs up', (incoming: IncomingMessage) => void incoming.socket.destroy()],
    ['speaks no HTTP', (incoming: IncomingMessage) => void incoming.socket.end('rubbish\r\n\r\n')],
    ['says nothing', () => {}],
  ])('%s: 503 in words', async (_name, fail) => {
    answer = fail;
    const got = await ask(port, { path: '/tensorboard/' });
    expect([got.status, got.text]).toEqual([503, expect.stringContaining('bad gateway')]);
  });

  it.each([
    ['breaks off', (outgoing: ServerResponse) => void outgoing.socket?.destroy()],
    ['stalls', () => {}],
  ])('%s within its answer: the client sees no complete one', async (_name, fail) => {
    answer = (_incoming, outgoing) => {
      outgoing.write('first', () => fail(outgoing));
    };
    const raw = connectRaw(port, 'GET /tensorboard/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const text = await raw.closed;
    expect(text).toContain('first');
    expect(text).not.toContain('\r\n0\r\n');
  });
});

describe('a WebSocket', () => {
  function connect(path = '/tensorboard/ws', headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${port}${path}`, ['board'], { headers });
  }

  it('is joined with the program’s, both ways, without credentials', async () => {
    const sockets = new WebSocketServer({ server: behind });
    let asked: IncomingMessage | undefined;
    sockets.on('connection', (socket, incoming) => {
      asked = incoming;
      socket.send('welcome');
      socket.on('message', (data) => socket.send(String(data).toUpperCase()));
    });
    const client = connect('/tensorboard/ws?x=1', secrets);
    const heard: string[] = [];
    client.on('message', (data) => void heard.push(String(data)));
    await once(client, 'open');
    client.send('a'.repeat(100_000));
    client.send('b');
    await vi.waitFor(() => expect(heard).toEqual(['welcome', 'A'.repeat(100_000), 'B']));
    expect(client.protocol).toBe('board');
    expect(asked?.url).toBe('/ws?x=1');
    expect(asked?.headers.authorization ?? asked?.headers.cookie).toBeUndefined();
    const left = once([...sockets.clients][0] as WebSocket, 'close');
    client.close(4001, 'done');
    expect((await left)[0]).toBe(4001);
  });

  it('ends when the program ends, and when Franca stops', async () => {
    const sockets = new WebSocketServer({ server: behind });
    const first = connect();
    await once(first, 'open');
    for (const socket of sockets.clients) socket.terminate();
    await once(first, 'close');
    const second = connect();
    await once(second, 'open');
    const [there] = [...sockets.clients].filter((socket) => socket.readyState === WebSocket.OPEN);
    const gone = once(there as WebSocket, 'close');
    await server.close(5_000);
    await Promise.all([once(second, 'close'), gone]);
  });

  it('that the program refuses is refused in its words', async () => {
    behind.on('upgrade', (_incoming, socket) => {
      socket.end('HTTP/1.1 418 No\r\nContent-Length: 3\r\n\r\ntea');
    });
    const client = connect();
    client.on('error', () => {});
    const [, got] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(got.statusCode).toBe(418);
    got.destroy();
  });

  it('is refused in Franca’s words when the program is not there', async () => {
    behind.close();
    const client = connect();
    client.on('error', () => {});
    const [, got] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(got.statusCode).toBe(503);
    got.destroy();
  });
});
