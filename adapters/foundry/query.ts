import { createHash } from 'node:crypto';
import { CoreError } from '../../src/core/errors.js';
import {
  and,
  attribute,
  checkFilter,
  everyRun,
  type Filter,
  not,
  type Order,
  or,
  queryLimits,
} from '../../src/core/query.js';
import { NamedError } from './errors.js';
import { parameterFilter, seriesFilter, summaryMetricFilter } from './query/comparisons.js';
import { containing, equals, starting } from './query/fields.js';
import { Part } from './query/reader.js';
import { refused } from './query/refused.js';
import type { OrderByWire } from './wire/search.js';

const kinds = {
  and: (part, depth) => and(...part.parts('filters').map((each) => filterOf(each, depth + 1))),
  or: (part, depth) => or(...part.parts('filters').map((each) => filterOf(each, depth + 1))),
  not: (part, depth) => not(filterOf(part.part('value'), depth + 1)),
  eq: equals,
  contains: containing,
  startsWith: starting,
  parameterFilter,
  seriesFilter,
  summaryMetricFilter,
} as const satisfies Record<string, (part: Part, depth: number) => Filter>;

type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];

/**
 * The filter of a search; without one every run. It passes `checkFilter`.
 *
 * @throws NamedError InvalidExperimentSearchFilter, with the place and what was expected there.
 */
export function parseWhere(where: unknown): Filter {
  if (where === undefined || where === null) return everyRun;
  const filter = filterOf(Part.of('where', where), 0);
  try {
    checkFilter(filter);
  } catch (error) {
    throw error instanceof CoreError ? refused('where', error.message) : error;
  }
  return filter;
}

function filterOf(part: Part, depth: number): Filter {
  if (depth > queryLimits.depth) throw refused(part.path, 'the filter is nested too deeply');
  const { kind, inner } = kindOf(part);
  return kinds[kind](inner, depth);
}

/** The client sends `{"type": "eq", ...}`; its documentation shows `{"eq": {...}}`. */
function kindOf(part: Part): { readonly kind: Kind; readonly inner: Part } {
  const [name, ...others] = part.names;
  const nested = kindNames.find((kind) => kind === name);
  if (nested !== undefined && others.length === 0) return { kind: nested, inner: part.part(nested) };
  return { kind: part.oneOf('type', kindNames), inner: part };
}

const orderFields = {
  EXPERIMENT_NAME: attribute('name'),
  CREATED_TIME: attribute('createdAt'),
  // Of SDKs before 1.75.
  CREATED_AT: attribute('createdAt'),
} as const satisfies Record<OrderByWire['field'], Order[number]['field']>;

/** The order of a search; without one the newest runs first. */
export function orderOf(orderBy: OrderByWire | null | undefined): Order {
  if (orderBy === undefined || orderBy === null)
    return [{ field: attribute('createdAt'), direction: 'desc' }];
  return [{ field: orderFields[orderBy.field], direction: orderBy.direction === 'ASC' ? 'asc' : 'desc' }];
}

/** What a search is about: a page's token is worth nothing in another one. */
export interface Searched {
  readonly modelRid: string;
  readonly where: unknown;
  readonly orderBy: unknown;
}

/** The token of the page that begins at this place of the search. */
export function pageTokenOf(searched: Searched, place: string): string {
  return Buffer.from(JSON.stringify([fingerprint(searched), place])).toString('base64url');
}

/**
 * The place at which the page of a token begins.
 *
 * @throws NamedError InvalidPageToken for a text that is no token of this search.
 */
export function placeOf(searched: Searched, token: string): string {
  const parts = partsOf(token);
  const [known, place] = parts;
  if (parts.length !== 2 || known !== fingerprint(searched) || typeof place !== 'string')
    throw badToken(token);
  return place;
}

function partsOf(token: string): readonly unknown[] {
  // What is no such text, or has something behind it, is read as if that were not there.
  if (Buffer.from(token, 'base64url').toString('base64url') !== token) return [];
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** The longest piece of a token that is sent back. */
const longestToken = 200;

/** The error for a token that is none of this search. */
export function badToken(token: string): NamedError {
  const message = 'this is no token of a page of this search';
  return new NamedError(
    { code: 'invalid', issues: [{ path: 'pageToken', message }] },
    'InvalidPageToken',
    { pageToken: token.slice(0, longestToken) },
    `pageToken: ${message}`,
  );
}

function fingerprint({ modelRid, where, orderBy }: Searched): string {
  const text = JSON.stringify([modelRid, where ?? null, orderBy ?? null], (_name, value: unknown) =>
    typeof value === 'bigint' ? { bigint: String(value) } : value,
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
