/**
 * Identities. Every entity that a dialect can name has one UUIDv7; each dialect writes it in its own
 * way (32 hex digits, dashed, inside a RID). What the store joins on is an integer key beside it,
 * which never leaves the server except where a dialect's own ids are numbers.
 */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A run's UUID, lower case, with dashes. */
export type RunId = Brand<string, 'RunId'>;
/** A job's UUID, lower case, with dashes. */
export type JobId = Brand<string, 'JobId'>;
/** A project's UUID, lower case, with dashes. */
export type ProjectId = Brand<string, 'ProjectId'>;
/** A service's UUID, lower case, with dashes. */
export type ServiceId = Brand<string, 'ServiceId'>;
/** A logged model's UUID, lower case, with dashes. */
export type LoggedModelId = Brand<string, 'LoggedModelId'>;

/** The store's integer key of a workspace. */
export type WorkspaceKey = Brand<number, 'WorkspaceKey'>;
/** The store's integer key of a user. */
export type UserKey = Brand<number, 'UserKey'>;
/** The store's integer key of a project. */
export type ProjectKey = Brand<number, 'ProjectKey'>;
/** A run's place in the one sequence of all runs; the store's integer key of a run. Gaps are allowed, reuse is not. */
export type RunKey = Brand<number, 'RunKey'>;
/** The store's integer key of a job. */
export type JobKey = Brand<number, 'JobKey'>;
/** The store's integer key of a service. */
export type ServiceKey = Brand<number, 'ServiceKey'>;
/** The store's integer key of a dataset. */
export type DatasetKey = Brand<number, 'DatasetKey'>;
/** The store's integer key of a logged model. */
export type LoggedModelKey = Brand<number, 'LoggedModelKey'>;

/**
 * The namespace (RFC 9562) of the UUIDs, of version 5, under which dialects that name users by UUIDs show them:
 * of the user's name in lower case. Never changed, so that a user keeps its UUID wherever its runs go.
 */
export const userNamespace = '55521534-64c4-4bd1-8cc0-07fea79354ce';

const dashedUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for the canonical form of a UUID: lower case, dashed. */
export function isUuid(text: string): boolean {
  return dashedUuid.test(text);
}

/** The 32 lower-case hex digits of a UUID, without its dashes. */
export function uuidToHex(uuid: string): string {
  return uuid.replaceAll('-', '');
}

/** The canonical form of a UUID written as 32 hex digits or dashed, in any case; null for anything else. */
export function parseUuid(text: string): string | null {
  const hex = text.toLowerCase().replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/.test(hex)) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Names of users and workspaces; compared without case. */
export const accountName = /^[-a-zA-Z0-9_]{1,64}$/;

/**
 * The slug of a name: lower case, every run of characters other than a-z, 0-9 and `-` becomes one `-`,
 * none at either end; `fallback` when nothing is left.
 */
export function slugOf(name: string, fallback: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return slug === '' ? fallback : slug;
}
