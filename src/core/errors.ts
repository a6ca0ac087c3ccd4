import type { RunId } from './ids.js';

/** One fault of an input: where it is and what is wrong there. */
export interface Issue {
  /** The field as the client knows it, e.g. `spec.Worker.replicas`; empty for the whole body. */
  readonly path: string;
  readonly message: string;
}

/** What can be missing. Each dialect has its own words for it. */
export type EntityName =
  | 'run'
  | 'project'
  | 'job'
  | 'loggedModel'
  | 'environment'
  | 'template'
  | 'artifact'
  | 'tag'
  | 'service'
  | 'user'
  | 'workspace'
  | 'route';

/** Every way a request can fail. Each dialect's `errors.ts` renders each code in its own envelope. */
export type CoreErrorDetail =
  | { readonly code: 'invalid'; readonly issues: readonly Issue[] }
  | { readonly code: 'malformed' }
  | { readonly code: 'unauthenticated' }
  | { readonly code: 'forbidden' }
  | { readonly code: 'not_found'; readonly entity: EntityName }
  | { readonly code: 'method_not_allowed'; readonly allow: readonly string[] }
  | { readonly code: 'not_acceptable' }
  | { readonly code: 'unsupported_media_type' }
  | { readonly code: 'already_exists'; readonly entity: EntityName }
  | { readonly code: 'conflict' }
  /** A write to what is in the trash; a dialect that knows none says that it is not there. */
  | { readonly code: 'trashed'; readonly entity: 'run'; readonly id: RunId }
  | { readonly code: 'trashed'; readonly entity: 'project'; readonly number: number }
  /** What an API has and this server does not do. */
  | { readonly code: 'unsupported' }
  | { readonly code: 'too_large' }
  | { readonly code: 'range_not_satisfiable'; readonly size: number }
  | { readonly code: 'timeout' }
  | { readonly code: 'limited'; readonly retryAfterSeconds: number }
  | { readonly code: 'unavailable'; readonly retryAfterSeconds: number }
  | { readonly code: 'internal' };

export type CoreErrorCode = CoreErrorDetail['code'];

/** The one error that services throw and adapters render. Its message is safe to show to a client. */
export class CoreError extends Error {
  constructor(
    readonly detail: CoreErrorDetail,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CoreError';
  }

  get code(): CoreErrorCode {
    return this.detail.code;
  }
}

/** The error for a bad field. */
export function invalid(path: string, message: string): CoreError {
  return new CoreError(
    { code: 'invalid', issues: [{ path, message }] },
    path === '' ? message : `${path}: ${message}`,
  );
}

/** The error for a thing that is not there, or that the caller may not know of. */
export function notFound(entity: EntityName, message = `${entity} not found`): CoreError {
  return new CoreError({ code: 'not_found', entity }, message);
}

/** The error for a store or disk that cannot answer now; the client may repeat the request. */
export function unavailable(message: string, cause?: unknown): CoreError {
  return new CoreError({ code: 'unavailable', retryAfterSeconds: 1 }, message, { cause });
}
