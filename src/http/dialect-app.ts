import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { CoreError, notFound } from '../core/errors.js';
import { accepts } from './accept.js';
import type { AdapterDeps, Fetchable, OpenApiDocument } from './adapter.js';
import { contextOf } from './auth.js';
import { commonAnswers } from './common-answers.js';
import { entrance } from './entrance.js';
import { createErrorAnswers, type ErrorAnswerOptions, logRefusals } from './error-answers.js';
import type { HttpContext, HttpEnv } from './http-env.js';
import {
  answerTypes,
  type DocumentedRoute,
  honoPath,
  type OpenRouteHandler,
  type RouteDefinition,
  type RouteHandler,
  readInput,
  registerRoute,
} from './route.js';
import { type BytesOptions, sendBytes, sendText } from './send.js';
import { checkHandshake, type SocketDefinition, type SocketHandler, socketRoute } from './socket-route.js';
import { streamJson } from './stream.js';
import { toJson } from './to-json.js';
import {
  documentedRawUpload,
  documentedUpload,
  type RawUploadDefinition,
  type RawUploadHandler,
  receiveRawUpload,
  receiveUpload,
  type UploadDefinition,
  type UploadHandler,
} from './upload-route.js';
import { tidyPath } from './url.js';

export type { RenderedError } from './error-answers.js';

/** How a dialect differs from the others. */
export interface DialectOptions {
  readonly deps: AdapterDeps;
  /** Title and description of the OpenAPI document. */
  readonly title: string;
  readonly description: string;
  /** The Content-Type of every answer with a body, e.g. `application/json;charset=utf-8`. */
  readonly contentType: string;
  /** True to answer 406 when the Accept header excludes JSON. */
  readonly checksAccept: boolean;
  readonly maxBodyBytes: number;
  /** What a 404 says of a path without a route; null, and the default: that there is none. */
  readonly unknownRoute?: (path: string) => string | null;
  /** The envelope of errors, for the document. */
  readonly errorSchema: z.ZodType;
  /** Pure. The request id is the only thing to tell of an `internal` error. */
  readonly renderError: ErrorAnswerOptions['renderError'];
}

/** What a route has that declares no parameters of a kind. */
type NoFields = z.ZodObject<Record<never, never>>;

/** A dialect's HTTP side: routes are added to it, and everything around them is here. */
export interface DialectApp {
  readonly app: Fetchable & Pick<OpenAPIHono<HttpEnv>, 'request'>;
  /** Serves and documents a route that needs a caller. Order matters where paths overlap. */
  add<
    P extends z.ZodObject = NoFields,
    Q extends z.ZodObject = NoFields,
    B extends z.ZodType = z.ZodUndefined,
  >(definition: RouteDefinition<P, Q, B>, handler: RouteHandler<P, Q, B>): void;
  /** The same for a route that asks for no credentials and has no services' context. */
  addOpen<
    P extends z.ZodObject = NoFields,
    Q extends z.ZodObject = NoFields,
    B extends z.ZodType = z.ZodUndefined,
  >(definition: RouteDefinition<P, Q, B>, handler: OpenRouteHandler<P, Q, B>): void;
  /**
   * Serves and documents a WebSocket for a caller who is known. What the handler throws refuses the
   * handshake, in the dialect's envelope; the session that it gives runs once the socket is open.
   */
  addSocket<P extends z.ZodObject = NoFields, Q extends z.ZodObject = NoFields>(
    definition: SocketDefinition<P, Q>,
    handler: SocketHandler<P, Q>,
  ): void;
  /** Serves and documents a route whose body is a form with a file, which is read as it comes. */
  addUpload<
    F extends z.ZodObject = NoFields,
    P extends z.ZodObject = NoFields,
    Q extends z.ZodObject = NoFields,
  >(definition: UploadDefinition<F, P, Q>, handler: UploadHandler<F, P, Q>): void;
  /** Serves and documents a route whose body is the bytes of a file, of any media type, which are read as they come. */
  addRawUpload<P extends z.ZodObject = NoFields, Q extends z.ZodObject = NoFields>(
    definition: RawUploadDefinition<P, Q>,
    handler: RawUploadHandler<P, Q>,
  ): void;
  /** Answers with a JSON value; bigints in it are exact integers. (Without a body: `c.body(null, status)`.) */
  answer(c: HttpContext, value: unknown, status?: ContentfulStatusCode): Response;
  /** Answers 200 with a JSON value in which async iterables stand for arrays; see `streamJson`. */
  stream(c: HttpContext, value: unknown): Promise<Response>;
  /** Answers 200 with bytes that a client saves; see `sendBytes`. */
  bytes(c: HttpContext, bytes: AsyncIterable<Uint8Array>, options: BytesOptions): Promise<Response>;
  /** Answers 200 with plain text; see `sendText`. */
  text(c: HttpContext, texts: AsyncIterable<string>): Promise<Response>;
  /** The OpenAPI 3.1 document of all routes added. */
  document(): OpenApiDocument;
}

/** How long a body may take to come, in milliseconds. */
const bodyTimeoutMs = 30_000;

const security = [{ bearer: [] }, { basic: [] }];

type ErrorAnswer = ReturnType<typeof createErrorAnswers>;

function answerOptions(c: HttpContext, allow: readonly string[]): Response {
  c.res.headers.delete('Content-Security-Policy');
  return c.body('', 200, { Allow: allow.join(', '), 'Content-Type': 'text/plain' });
}

/** An app that has everything but routes: the entrance, and an answer to all that no route takes. */
function createBareApp(options: DialectOptions, answerError: ErrorAnswer): OpenAPIHono<HttpEnv> {
  const app = new OpenAPIHono<HttpEnv>({ getPath: tidyPath });
  app.onError((error, c) => answerError(c, error));
  app.notFound((c) => {
    const message = options.unknownRoute?.(c.req.path) ?? `there is no ${c.req.method} ${c.req.path}`;
    return answerError(c, notFound('route', message));
  });
  app.use(logRefusals(options.deps.logger));
  app.use(entrance(options.deps));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, methods) {
        const allow = [...methods, 'OPTIONS'];
        if (c.req.method === 'OPTIONS') return answerOptions(c, allow);
        const message = `${c.req.method} is not allowed here`;
        return answerError(c, new CoreError({ code: 'method_not_allowed', allow }, message));
      },
    }),
  );
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' });
  return app;
}

function checkAccept(c: HttpContext, types: readonly string[]): void {
  const header = c.req.header('Accept');
  if (types.length === 0 || types.some((type) => accepts(header, type))) return;
  throw new CoreError({ code: 'not_acceptable' }, `answers are ${types.join(' or ')}`);
}

type Answers = Pick<DialectApp, 'answer' | 'stream' | 'bytes' | 'text'>;

function createAnswers({ contentType, deps: { logger } }: DialectOptions): Answers {
  return {
    answer: (c, value, status = 200) => c.body(toJson(value), status, { 'Content-Type': contentType }),
    stream: (c, value) => streamJson(c, value, { contentType, logger }),
    bytes: (c, bytes, options) => sendBytes(c, bytes, options, logger),
    text: (c, texts) => sendText(c, texts, logger),
  };
}

type AddRoute = (
  definition: DocumentedRoute,
  secured: boolean,
  handle: (c: HttpContext) => Promise<Response>,
) => void;

function createRouter(app: OpenAPIHono<HttpEnv>, { checksAccept, errorSchema }: DialectOptions): AddRoute {
  return (definition, secured, handle) => {
    const answers = commonAnswers(errorSchema, { secured, hasBody: definition.body !== undefined });
    registerRoute(app.openAPIRegistry, definition, { answers, security: secured ? security : [] });
    const types = answerTypes(definition.answers);
    const paths = [definition.path, ...(definition.aliases ?? [])];
    app.on(definition.method.toUpperCase(), paths.map(honoPath), (c) => {
      if (checksAccept) checkAccept(c, types);
      return handle(c);
    });
  };
}

/**
 * The HTTP side of a dialect: request id, security headers, the guard against foreign hosts and
 * origins, authentication, input checks, 404, 405, 406 and every error in the dialect's envelope.
 */
export function createDialectApp(options: DialectOptions): DialectApp {
  const { deps, contentType, renderError } = options;
  const app = createBareApp(options, createErrorAnswers({ contentType, logger: deps.logger, renderError }));
  const route = createRouter(app, options);
  const limits = { maxBodyBytes: options.maxBodyBytes, bodyTimeoutMs };
  // Asked before the body is read: a stranger's body costs no memory.
  const callerOf = (c: HttpContext) => contextOf(deps, c.req.header('Authorization'));

  return {
    app,
    ...createAnswers(options),
    add(definition, handler) {
      route(definition, true, async (c) => {
        const context = await callerOf(c);
        return handler(await readInput(definition, limits, c), context, c);
      });
    },
    addOpen(definition, handler) {
      route(definition, false, async (c) => handler(await readInput(definition, limits, c), c));
    },
    addSocket(definition, handler) {
      const asGet = socketRoute(definition);
      route(asGet, true, async (c) => {
        const context = await callerOf(c);
        const { params, query } = await readInput(asGet, limits, c);
        const upgrade = checkHandshake(c);
        upgrade.speak(await handler({ params, query }, context, c));
        // Not sent: the server answers the handshake itself.
        return c.body(null, 200);
      });
    },
    addUpload(definition, handler) {
      route(documentedUpload(definition), true, async (c) => {
        const context = await callerOf(c);
        const { params, query } = await readInput(definition, limits, c);
        return receiveUpload(definition, bodyTimeoutMs, c, (upload) =>
          handler({ params, query, ...upload }, context, c),
        );
      });
    },
    addRawUpload(definition, handler) {
      route(documentedRawUpload(definition), true, async (c) => {
        const context = await callerOf(c);
        const { params, query } = await readInput(definition, limits, c);
        return receiveRawUpload(definition, bodyTimeoutMs, c, (bytes) =>
          handler({ params, query, bytes }, context, c),
        );
      });
    },
    document: () =>
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: options.title, description: options.description, version: deps.version },
        servers: [{ url: '/' }],
      }),
  };
}
