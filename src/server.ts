import { createGateway } from './gateway/gateway-app.js';
import type { Health } from './gateway/readiness.js';
import type { Adapter, AdapterDeps, Fetchable, OpenApiDocument } from './http/adapter.js';
import { dialectNames, dialectOf, type KnownDialect } from './http/dialect-of.js';
import type { Bindings } from './http/http-env.js';
import { createHttpServer, type HttpServer, type ServerLimits } from './http/node-server.js';
import { addressedPath } from './http/url.js';

/** What the HTTP side is put together from. */
export interface ServerOptions {
  readonly deps: AdapterDeps;
  readonly adapters: readonly Adapter[];
  readonly health: Health;
  readonly limits?: ServerLimits;
}

/** The HTTP side, whole. */
export interface FrancaServer extends HttpServer {
  /** The merged OpenAPI document. */
  document(): OpenApiDocument;
}

/**
 * Puts the HTTP side together: each request goes to the one app that `dialectOf` names. Apps are called
 * and not mounted, since a mounted one would lose its own 404 and 405.
 */
export function createFrancaServer({ deps, adapters, health, limits }: ServerOptions): FrancaServer {
  const gateway = createGateway({ deps, adapters, health });
  const served = new Map(adapters.map((adapter) => [adapter.name, adapter.app]));
  const apps = Object.fromEntries(
    dialectNames.map((name) => [name, served.get(name) ?? gateway.refuse(name)]),
  ) as Record<KnownDialect, Fetchable>;

  function fetch(request: Request, bindings: Bindings): Response | Promise<Response> {
    const answerer = dialectOf({
      method: request.method,
      path: addressedPath(request, bindings.incoming.url),
      authorization: request.headers.get('authorization') ?? undefined,
    });
    const app = answerer === 'gateway' ? gateway.app : apps[answerer];
    return app.fetch(request, bindings);
  }

  const onFault = (error: unknown) => deps.logger.error({ err: error }, 'a WebSocket broke off');
  return { ...createHttpServer(fetch, limits, { onFault }), document: gateway.document };
}
