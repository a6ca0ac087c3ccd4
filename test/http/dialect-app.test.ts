import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/http/adapter.js';
import { createNotes, createSite, type Site } from './support.js';

let site: Site;
let notes: Adapter;

beforeEach(async () => {
  site = await createSite({ allowedOrigins: 'https://ui.example.org' });
  notes = createNotes(site.deps);
});

afterEach(() => site.remove());

interface Problem {
  code: string;
  message: string;
  requestId: string;
  detail: unknown;
}

async function send(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const init = {
    method,
    headers: { host: '127.0.0.1:5050', ...headers },
    ...(body === undefined ? {} : { body }),
  };
  return notes.app.fetch(new Request(`http://127.0.0.1:5050${path}`, init));
}

async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get('content-type')).toBe('application/json;charset=utf-8');
  return (await answer.json()) as Problem;
}

const json = { 'content-type': 'application/json' };

describe('a route', () => {
  it('gets typed, decoded input and the caller', async () => {
    const answer = await send(
      'GET',
      '/api/v1//experiment/a%2Fb%20%C3%BC%2541/?status=Running&tag=a&tag=b&other=1',
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      id: 'a/b ü%41',
      query: { status: 'Running', tag: ['a', 'b'] },
      user: 'root',
    });
  });

  it('takes JSON and YAML alike and gives the text on', async () => {
    for (const [type, body] of [
      ['application/json', '{"title":"x"}'],
      ['application/yaml', 'title: x\n'],
    ] as const) {
      const answer = await send('POST', '/api/v1/experiment', { 'content-type': type }, body);
      expect(await answer.json()).toEqual({ title: 'x', mediaType: type, length: body.length });
    }
  });

  it.each([
    ['application/json', '{"title":1,"count":"x"}'],
    ['application/yaml', 'title: 1\ncount: x'],
  ])('names each bad field of %s', async (type, body) => {
    const answer = await send('POST', '/api/v1/experiment', { 'content-type': type }, body);
    expect(answer.status).toBe(400);
    const { code, message, detail } = await problemOf(answer);
    expect(code).toBe('invalid');
    expect(message).toMatch(/^title: .*; count: /);
    expect(detail).toMatchObject({ issues: [{ path: 'title' }, { path: 'count' }] });
  });

  it('gives an empty body, and null, to the schema as undefined', async () => {
    for (const body of ['', 'null']) {
      const answer = await send('POST', '/api/v1/experiment', json, body);
      expect(await answer.json()).toMatchObject({ title: null });
    }
  });

  it('answers HEAD as GET without a body, and OPTIONS with Allow', async () => {
    const head = await send('HEAD', '/api/v1/experiment/x');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe('application/json;charset=utf-8');
    const options = await send('OPTIONS', '/api/v1/experiment/x');
    expect([options.status, await options.text()]).toEqual([200, '']);
    expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});

describe('what no route takes', () => {
  it.each([
    ['GET', '/api/v1/experiment', 405, 'POST, OPTIONS'],
    ['DELETE', '/api/v1/experiment/x', 405, 'GET, HEAD, OPTIONS'],
    ['TRACE', '/api/v1/experiment/x', 405, 'GET, HEAD, OPTIONS'],
    ['BREW', '/api/v1/experiment/x/', 405, 'GET, HEAD, OPTIONS'],
    ['GET', '/api/v1/experiment/x/y', 404, null],
    ['OPTIONS', '/api/v1/nothing', 404, null],
    ['POST', '/api/v1/experiments', 404, null],
  ])('%s %s is %s', async (method, path, status, allow) => {
    // The class Request refuses TRACE; a server does not.
    const request = new Request(`http://127.0.0.1:5050${path}`, { headers: { host: '127.0.0.1:5050' } });
    Object.defineProperty(request, 'method', { value: method });
    const answer = await notes.app.fetch(request);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('allow')).toBe(allow);
    expect((await problemOf(answer)).code).toBe(status === 405 ? 'method_not_allowed' : 'not_found');
  });

  it('ignores a method override', async () => {
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const answer = await send(
        'POST',
        '/api/v1/experiment?_method=DELETE',
        { ...json, [name]: 'DELETE' },
        '{"title":"x"}',
      );
      expect(answer.status).toBe(200);
      expect((await send('GET', '/api/v1/experiment', { [name]: 'POST' })).status).toBe(405);
    }
  });

  it.each([
    '/api/v1/experiment/%00',
    '/api/v1/experiment/%E0%A4',
    '/api/v1/experiment/%',
    '/api/v1/experiment/x?a=%FF',
  ])('%s is 400', async (path) => {
    const answer = await send('GET', path);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).code).toBe('invalid');
  });

  it('406 when JSON is excluded', async () => {
    const answer = await send('GET', '/api/v1/experiment/x', { accept: 'text/html' });
    expect(answer.status).toBe(406);
    await problemOf(answer);
  });

  it.each([
    [{ 'content-type': 'text/plain' }, '{}', 415],
    [json, '{"title":', 400],
    [json, `{"title":"${'x'.repeat(1024 * 1024)}"}`, 413],
  ])('%o is refused in the envelope', async (headers, body, status) => {
    const answer = await send('POST', '/api/v1/experiment', headers, body);
    expect(answer.status).toBe(status);
    await problemOf(answer);
  });
});

describe('the guard', () => {
  it.each([
    [{ host: 'evil.example' }, 'FRANCA_ALLOWED_HOSTS'],
    [{ origin: 'http://evil.example' }, 'FRANCA_ALLOWED_ORIGINS'],
    [{ origin: 'null' }, 'FRANCA_ALLOWED_ORIGINS'],
  ])('refuses %o on every path and method', async (headers, setting) => {
    for (const [method, path] of [
      ['GET', '/api/v1/experiment/x'],
      ['POST', '/api/v1/experiment'],
      ['OPTIONS', '/api/v1/experiment'],
      ['GET', '/api/v1/nothing'],
    ] as const) {
      const answer = await send(method, path, headers);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect((await problemOf(answer)).message).toContain(setting);
    }
  });

  it('refuses a request without a Host', async () => {
    const answer = await notes.app.fetch(new Request('http://127.0.0.1:5050/api/v1/experiment/x'));
    expect(answer.status).toBe(403);
  });

  it('lets an allowed origin read, and answers its preflight', async () => {
    const origin = 'https://ui.example.org';
    const answer = await send('GET', '/api/v1/experiment/x', { origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('vary')).toBe('Origin');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = await send('OPTIONS', '/api/v1/experiment', {
      origin,
      'access-control-request-method': 'POST',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    const failed = await send('GET', '/api/v1/nothing', { origin });
    expect(failed.headers.get('access-control-allow-origin')).toBe(origin);
  });
});

describe('every answer', () => {
  it('carries security headers and a request id, errors too', async () => {
    for (const path of ['/api/v1/experiment/x', '/api/v1/nothing', '/api/v1/experiment/broken']) {
      const { headers } = await send('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect((await send('GET', '/api/v1/nothing')).headers.get('content-security-policy')).toContain(
      'sandbox',
    );
  });

  it('takes over a plain request id of the client, and no other', async () => {
    const idOf = async (id: string) =>
      (await send('GET', '/api/v1/nothing', { 'x-request-id': id })).headers.get('x-request-id');
    expect(await idOf('client-1.2_3')).toBe('client-1.2_3');
    expect(await idOf('<script>')).not.toBe('<script>');
    expect(await idOf('x'.repeat(65))).toHaveLength(36);
  });

  it('tells of an unknown error only the request id, and logs it once, without credentials', async () => {
    const answer = await send('GET', '/api/v1/experiment/broken', { authorization: 'Bearer very-secret' });
    expect(answer.status).toBe(500);
    const { message, requestId } = await problemOf(answer);
    expect(message).toBe('internal error');
    expect(requestId).toBe(answer.headers.get('x-request-id'));
    expect(site.logged).toHaveLength(1);
    expect(JSON.parse(site.logged[0] ?? '')).toMatchObject({
      level: 50,
      requestId,
      method: 'GET',
      path: '/api/v1/experiment/broken',
      err: { message: 'select * from /secret/place' },
    });
    expect(site.logged[0]).not.toContain('very-secret');
  });

  it('is 503 with Retry-After while the server stops', async () => {
    site.lifecycle.stopping = true;
    const answer = await send('GET', '/api/v1/experiment/x');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await problemOf(answer)).code).toBe('unavailable');
  });

  it('is 401 with WWW-Authenticate without a needed token, before the body is looked at', async () => {
    const closed = createNotes({
      ...site.deps,
      authentication: { ...site.deps.authentication, required: true },
    });
    const request = new Request('http://127.0.0.1:5050/api/v1/experiment', {
      method: 'POST',
      headers: { host: '127.0.0.1:5050', 'content-type': 'text/plain', authorization: 'Bearer wrong' },
      body: 'x',
    });
    const answer = await closed.app.fetch(request);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(request.bodyUsed).toBe(false);
  });
});

describe('the document', () => {
  it('describes each route with its inputs, answers and errors', () => {
    const document = notes.document();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths ?? {})).toEqual([
      '/api/v1/experiment/{id}',
      '/api/v1/experiment',
      '/api/v1/environment',
    ]);
    const create = document.paths?.['/api/v1/experiment']?.post;
    expect(create?.operationId).toBe('createNote');
    expect(create?.security).toEqual([{ bearer: [] }, { basic: [] }]);
    expect(Object.keys(create?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404', '405', '413', '415', '500', '503']),
    );
    expect(create?.requestBody).toMatchObject({
      content: { 'application/json': {}, 'application/yaml': {} },
      required: true,
    });
    const open = document.paths?.['/api/v1/environment']?.get;
    expect(open?.security).toEqual([]);
    expect(Object.keys(document.components?.schemas ?? {}).sort()).toEqual(['Note', 'Problem']);
    expect(document.components?.securitySchemes).toHaveProperty('bearer');
  });

  it('is the same each time', () => {
    expect(notes.document()).toEqual(notes.document());
  });
});
