import { expect } from 'vitest';
import { createFoundryAdapter } from '../../../adapters/foundry/index.js';
import { experimentRoutes } from '../../../adapters/foundry/routes/experiments.js';
import { seriesRoutes } from '../../../adapters/foundry/routes/series.js';
import { tableRoutes } from '../../../adapters/foundry/routes/tables.js';
import { errorResponse } from '../../../adapters/foundry/wire/errors.js';
import type { Flags } from '../../../src/config.js';
import { parseJson } from '../../../src/http/parse-json.js';
import { createTableReader } from '../../../src/tables/table-reader.js';
import { parquetChild } from '../../support/compiled.js';
import type { RawAnswer } from '../../support/raw-http.js';
import { type AnyRoute, createDialectClient, type DialectClient, routeOf } from '../dialect-client.js';

export { objectOf, type RequestOptions } from '../dialect-client.js';

/** Every route, in the order in which they are served. */
export const routes: readonly AnyRoute[] = [
  ...Object.values(experimentRoutes),
  ...Object.values(seriesRoutes),
  ...Object.values(tableRoutes),
];

/** An answer, parsed where it is JSON. */
export interface Answer extends RawAnswer {
  readonly body: unknown;
}

const rid = /^ri\.models\.main\.(model|experiment)\./;

const doubles: ReadonlySet<string> = new Set(['value', 'min', 'max', 'last']);

/** Exact integers, but where the wire has doubles: of those JSON writes the whole ones without a point. */
function withDoubles(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withDoubles);
  const isInteger = 'type' in value && value.type === 'integer';
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isDouble = typeof member === 'bigint' && doubles.has(name) && !isInteger;
      return [name, isDouble ? Number(member) : withDoubles(member)];
    }),
  );
}

/**
 * Checks what holds for every answer of this dialect: an error has the whole envelope, and RIDs where its client wants
 * some; a body is what the document says, without a key that it does not name.
 */
export function checkAnswer(method: string, path: string, raw: RawAnswer): Answer {
  const { http, headers, text } = raw;
  if (http >= 400) {
    expect(headers.get('content-type')).toBe('application/json');
    const body = errorResponse.strict().parse(JSON.parse(text));
    expect(body.errorDescription).toMatch(/\S/);
    for (const name of ['modelRid', 'experimentRid'])
      if (name in body.parameters) expect(body.parameters[name]).toMatch(rid);
    return { ...raw, body };
  }
  const answer = routeOf(routes, method, path)?.answers[http];
  expect(answer, `${method} ${path} documents ${http}`).toBeDefined();
  expect(headers.get('content-type')).toBe(answer?.mediaType ?? 'application/json');
  if (answer?.schema === undefined || text === '') return { ...raw, body: undefined };
  const body = withDoubles(parseJson(text, 'exact'));
  expect(answer.schema.parse(body)).toEqual(body);
  return { ...raw, body };
}

export type Client = DialectClient<Answer>;

/** The dialect over a real store in a folder of its own, called without a socket. */
export function createClient(flags: Flags = {}): Promise<Client> {
  return createDialectClient(
    (deps) => {
      const tables = createTableReader({ artifacts: deps.ports.artifacts, program: parquetChild });
      return createFoundryAdapter({ ...deps, ports: { ...deps.ports, tables } });
    },
    checkAnswer,
    flags,
  );
}

/** The error that an answer tells. */
export function errorOf({ http, body }: Answer): readonly [http: number, name: unknown, parameters: unknown] {
  const { errorName, parameters } = errorResponse.parse(body);
  return [http, errorName, parameters];
}
