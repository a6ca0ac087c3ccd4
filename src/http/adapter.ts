import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { Workspace } from '../core/model.js';
import type { AuthenticationSettings } from '../services/accounts/authenticate.js';
import type { Ports } from '../services/context.js';
import type { JobInbox } from '../services/intake/take-in.js';
import type { JobTold } from '../services/lifecycle/tell-jobs.js';
import type { KnownDialect } from './dialect-of.js';
import type { Bindings } from './http-env.js';

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** What server.ts needs of a Hono app: it is never mounted, only called. */
export interface Fetchable {
  fetch(request: Request, bindings?: Partial<Bindings>): Response | Promise<Response>;
}

/** One dialect, whole: what `createXAdapter(deps)` gives. */
export interface Adapter {
  readonly name: KnownDialect;
  /** Answers every request that `dialectOf` gives to this dialect, its 404 and 405 included. */
  readonly app: Fetchable;
  /** The dialect's own document, from the same definitions that its routes are served by. */
  document(): OpenApiDocument;
  /** The variables by which what runs in a job finds this dialect's API, its own run there, and where it is. */
  jobEnvironment(told: JobTold): Readonly<Record<string, string>>;
  /**
   * Takes in what clients of this dialect left in the inbox of a job: once it has ended, before the run's end is told,
   * and from time to time before that.
   */
  takeIn?(inbox: JobInbox): Promise<void>;
}

/** The settings that a dialect may see. */
export interface AdapterSettings {
  /** The public address, without a trailing slash, e.g. `http://127.0.0.1:5050`. */
  readonly url: string;
  /** The address by which jobs reach Franca, without a trailing slash. */
  readonly jobUrl: string;
  /** Host names that requests may name, lower case, without ports; IP addresses are always taken. */
  readonly allowedHosts: readonly string[];
  /** Foreign origins whose pages may call, e.g. `https://ui.example.org`. */
  readonly allowedOrigins: readonly string[];
}

/** Whether the server still takes requests. */
export interface Lifecycle {
  readonly stopping: boolean;
}

/** What every adapter is built from. */
export interface AdapterDeps {
  readonly ports: Ports;
  readonly settings: AdapterSettings;
  /** Whether requests need a token, and who acts where they need none. */
  readonly authentication: AuthenticationSettings;
  /** FRANCA_WORKSPACE: where the dialects live that know no workspaces. */
  readonly workspace: Workspace;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** Franca's version, for documents. */
  readonly version: string;
}

/** How main.ts sees an adapter before it is built. */
export type AdapterFactory = (deps: AdapterDeps) => Adapter;
