import { z } from '@hono/zod-openapi';
import { notFound } from '../core/errors.js';
import type { Adapter, AdapterDeps, Fetchable, OpenApiDocument } from '../http/adapter.js';
import { createDialectApp, type DialectApp } from '../http/dialect-app.js';
import type { KnownDialect } from '../http/dialect-of.js';
import type { HttpContext } from '../http/http-env.js';
import { httpStatusOf } from '../http/http-status.js';
import { toJson } from '../http/to-json.js';
import { mergeDocuments } from './merge-documents.js';
import { type Health, readiness } from './readiness.js';

const contentType = 'application/json';

const GatewayError = z
  .object({ error: z.string(), message: z.string(), requestId: z.string() })
  .openapi('GatewayError');

const GatewayIndex = z
  .object({
    name: z.string(),
    version: z.string(),
    dialects: z.array(z.string()),
    documents: z.record(z.string(), z.string()),
  })
  .openapi('GatewayIndex');

const GatewayReadiness = z
  .object({
    ready: z.boolean(),
    store: z.enum(['ok', 'failing']),
    reconciler: z.enum(['ok', 'recovering']),
    runner: z.enum(['ok', 'unreachable']),
    stopping: z.boolean(),
  })
  .openapi('GatewayReadiness');

/** What belongs to no dialect: the index, health, and the OpenAPI documents. */
export interface Gateway {
  readonly app: Fetchable;
  /** The document of all dialects and of the gateway itself. */
  document(): OpenApiDocument;
  /** Answers in place of a dialect that Franca knows and this server does not serve. */
  refuse(dialect: KnownDialect): Fetchable;
}

/** What the gateway is built from. */
export interface GatewayOptions {
  readonly deps: AdapterDeps;
  readonly adapters: readonly Adapter[];
  readonly health: Health;
}

function createApp(deps: AdapterDeps, unknownRoute?: string): DialectApp {
  return createDialectApp({
    // While the server stops, /livez and /readyz still tell the truth.
    deps: { ...deps, lifecycle: { stopping: false } },
    title: 'Franca',
    description: 'The gateway: index, health and documents.',
    contentType,
    checksAccept: false,
    maxBodyBytes: 0,
    unknownRoute: () => unknownRoute ?? null,
    errorSchema: GatewayError,
    renderError: (error, requestId) => ({
      status: httpStatusOf[error.code],
      body: { error: error.code, message: error.message, requestId },
    }),
  });
}

function addHealth(gateway: DialectApp, health: Health): void {
  const tag = 'Health';
  gateway.addOpen(
    {
      method: 'get',
      path: '/health',
      operationId: 'health',
      tag,
      summary: 'Answers OK while the process serves',
      answers: { 200: { description: 'The text `OK`.' } },
    },
    (_input, c) => c.text('OK'),
  );
  gateway.addOpen(
    {
      method: 'get',
      path: '/livez',
      operationId: 'livez',
      tag,
      summary: 'Answers OK while the process need not be started anew',
      answers: { 200: { description: 'The text `OK`.' } },
    },
    (_input, c) => c.text('OK'),
  );
  gateway.addOpen(
    {
      method: 'get',
      path: '/readyz',
      operationId: 'readyz',
      tag,
      summary: 'Tells whether requests should be sent here, and if not, why',
      answers: {
        200: { description: 'Ready.', schema: GatewayReadiness },
        503: { description: 'Not ready.', schema: GatewayReadiness },
      },
    },
    async (_input, c) => {
      const state = await readiness(health);
      return gateway.answer(c, state, state.ready ? 200 : 503);
    },
  );
}

function addDocuments(
  gateway: DialectApp,
  adapters: readonly Adapter[],
  merged: () => OpenApiDocument,
): void {
  const tag = 'Documents';
  const documents = new Map<string, () => Uint8Array<ArrayBuffer>>(
    adapters.map(({ name, document }) => [name, encoded(document)]),
  );
  const all = encoded(merged);
  const send = (c: HttpContext, text: () => Uint8Array<ArrayBuffer>) =>
    c.body(text(), 200, { 'Content-Type': contentType });
  const answers = {
    200: { description: 'An OpenAPI 3.1 document.', schema: z.looseObject({}).openapi('OpenApi') },
  };
  for (const [path, operationId] of [
    ['/openapi.json', 'openapi'],
    // An address of old: tests of some clients ask for it.
    ['/v1/openapi.json', 'openapiAtV1'],
  ] as const) {
    gateway.addOpen(
      { method: 'get', path, operationId, tag, summary: 'The document of all dialects', answers },
      (_input, c) => send(c, all),
    );
  }
  gateway.addOpen(
    {
      method: 'get',
      path: '/openapi/{dialect}',
      operationId: 'openapiOfDialect',
      tag,
      summary: 'The document of one dialect, at /openapi/<dialect>.json',
      params: z.object({ dialect: z.string() }),
      answers,
    },
    ({ params }, c) => {
      const document = documents.get(params.dialect.replace(/\.json$/, ''));
      if (document === undefined) throw notFound('route', 'this server serves no such dialect');
      return send(c, document);
    },
  );
}

/** The text of a document, the same bytes for all who ask: a thousand who do not read them hold them once. */
function encoded(document: () => OpenApiDocument): () => Uint8Array<ArrayBuffer> {
  return kept(() => new TextEncoder().encode(toJson(document())));
}

/** Makes something when it is first asked for, and keeps it: strangers may ask, and to make it takes long. */
function kept<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The part of the server that belongs to no dialect. */
export function createGateway({ deps, adapters, health }: GatewayOptions): Gateway {
  const gateway = createApp(deps);
  const document = kept(() =>
    mergeDocuments(
      { title: 'Franca', version: deps.version, description: 'All dialects of one Franca server.' },
      [...adapters, { name: 'gateway', document: () => gateway.document() }].map((part) => ({
        name: part.name,
        document: part.document(),
      })),
    ),
  );
  const documents = Object.fromEntries(adapters.map(({ name }) => [name, `/openapi/${name}.json`]));
  gateway.addOpen(
    {
      method: 'get',
      path: '/',
      operationId: 'index',
      tag: 'Health',
      summary: 'What this server is',
      answers: { 200: { description: 'Name, version, dialects.', schema: GatewayIndex } },
    },
    (_input, c) =>
      gateway.answer(c, {
        name: 'franca',
        version: deps.version,
        dialects: adapters.map(({ name }) => name),
        documents: { all: '/openapi.json', ...documents },
      }),
  );
  addHealth(gateway, health);
  addDocuments(gateway, adapters, document);
  const refuse = (dialect: KnownDialect): Fetchable =>
    createApp(deps, `this path belongs to the ${dialect} dialect, which this server does not serve`).app;
  return { app: gateway.app, document, refuse };
}
