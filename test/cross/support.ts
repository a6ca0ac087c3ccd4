import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFoundryAdapter } from '../../adapters/foundry/index.js';
import { createMlflowAdapter } from '../../adapters/mlflow/index.js';
import { createPolyaxonAdapter } from '../../adapters/polyaxon/index.js';
import { createSubmarineAdapter } from '../../adapters/submarine/index.js';
import type { Micros } from '../../src/core/time.js';
import type { Adapter, AdapterDeps } from '../../src/http/adapter.js';
import { dialectOf } from '../../src/http/dialect-of.js';
import { tidyPath } from '../../src/http/url.js';
import { createJobDatabases } from '../../src/job-databases/job-databases.js';
import type { JobInbox } from '../../src/services/intake/take-in.js';
import { createTableReader } from '../../src/tables/table-reader.js';
import type { CheckAnswer } from '../adapters/dialect-client.js';
import * as foundryHarness from '../adapters/foundry/harness.js';
import * as mlflowHarness from '../adapters/mlflow/harness.js';
import * as polyaxonHarness from '../adapters/polyaxon/harness.js';
import * as submarineHarness from '../adapters/submarine/harness.js';
import { createSite } from '../http/support.js';
import { jobDatabaseReader, parquetChild } from '../support/compiled.js';
import { rawAnswerOf } from '../support/raw-http.js';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

export const at = submarineHarness.at;
export const objectOf = submarineHarness.objectOf;
export const listOf = polyaxonHarness.listOf;
export const recordsOf = submarineHarness.listOf;

/** Asks a server, or its apps without a socket. */
type Ask = (method: string, path: string, body?: unknown) => Promise<Response>;

type Asked<Answer> = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** Every API of one server. Each answer is checked against what its document says. */
export interface Apis {
  readonly polyaxon: Asked<polyaxonHarness.Answer>;
  readonly submarine: Asked<submarineHarness.Answer>;
  /** Both of its faces. */
  readonly mlflow: Asked<mlflowHarness.Answer>;
  readonly foundry: Asked<foundryHarness.Answer>;
  /** The same without any check. */
  readonly raw: Ask;
}

/** Where Submarine's project is for Polyaxon. */
export const home = '/api/v1/root/Default/experiments';
/** Where all experiments are for Submarine. */
export const experiments = '/api/v1/experiment';

/** The APIs over what `ask` reaches. */
export function apisOver(ask: Ask): Apis {
  const checked =
    <Answer>(check: CheckAnswer<Answer>): Asked<Answer> =>
    async (method, path, body) =>
      check(method, path, await rawAnswerOf(await ask(method, path, body)));
  return {
    polyaxon: checked(polyaxonHarness.checkAnswer),
    submarine: checked(submarineHarness.checkAnswer),
    mlflow: checked(mlflowHarness.checkAnswer),
    foundry: checked(foundryHarness.checkAnswer),
    raw: ask,
  };
}

/** JSON with what `JSON.stringify` cannot say: integers of any size, and -0. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Object.is(value, -0)) return '-0.0';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`).join(',')}}`;
}

/** A request's parts; a text, bytes and a form are sent as they are. */
export function requestInit(method: string, body: unknown): RequestInit {
  if (body === undefined) return { method };
  if (body instanceof FormData) return { method, body };
  if (body instanceof Uint8Array) {
    return { method, headers: { 'Content-Type': 'application/octet-stream' }, body: Buffer.from(body) };
  }
  return {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : jsonText(body),
  };
}

/** All dialects over one real store in a folder of its own, called without a socket. Nothing is started. */
export interface Platform extends Apis {
  readonly deps: AdapterDeps;
  /** A folder for each run, where a job of it leaves what is taken in. */
  inboxOf(uuid: string): string;
  /** Takes in what Submarine's SDK left in the inbox of a job. */
  takeIn(inbox: JobInbox): Promise<void>;
  /** Moves the clock, which else stands still, by a second and a microsecond; gives the time from then on. */
  tick(): Micros;
  close(): Promise<void>;
}

const firstMoment = Date.UTC(2026, 10, 26, 12) * 1000;

export async function createPlatform(): Promise<Platform> {
  const site = await createSite();
  const { artifacts } = site.deps.ports;
  const inboxes = mkdtempSync(join(tmpdir(), 'franca-inboxes-'));
  let now = firstMoment;
  const deps = {
    ...site.deps,
    ports: {
      ...site.deps.ports,
      clock: { now: () => now },
      tables: createTableReader({ artifacts, program: parquetChild }),
      jobDatabases: createJobDatabases({ program: jobDatabaseReader }),
    },
  };
  const submarine = createSubmarineAdapter(deps);
  const adapters = [
    createPolyaxonAdapter(deps),
    submarine,
    createMlflowAdapter(deps),
    createFoundryAdapter(deps),
  ];
  const served = new Map<string, Adapter['app']>(adapters.map(({ name, app }) => [name, app]));
  const apis = apisOver(async (method, path, body) => {
    const init = requestInit(method, body);
    const headers = { Host: '127.0.0.1:5050', ...(init.headers as Record<string, string> | undefined) };
    const request = new Request(`http://127.0.0.1:5050${path}`, { ...init, headers });
    const app = served.get(dialectOf({ method, path: tidyPath(request), authorization: undefined }));
    if (app === undefined) throw new Error(`no dialect answers ${path}`);
    return app.fetch(request);
  });
  return {
    ...apis,
    deps,
    inboxOf(uuid) {
      const folder = join(inboxes, uuid);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    async takeIn(inbox) {
      await submarine.takeIn?.(inbox);
    },
    tick() {
      now += 1_000_001;
      return now;
    },
    async close() {
      rmSync(inboxes, { recursive: true });
      await site.remove();
    },
  };
}

/** A uuid in Polyaxon's form of one in Submarine's. */
export function hexOf(uid: unknown): string {
  return String(uid).replaceAll('-', '');
}

/** The experimentId of the run that Polyaxon shows with this uuid. */
export async function experimentIdOf({ submarine }: Apis, uuid: unknown): Promise<string> {
  const { result } = await submarine('GET', experiments);
  const found = recordsOf(result).find(({ uid }) => hexOf(uid) === uuid);
  return String(found?.experimentId);
}

/** The path by which Polyaxon names the run of this uid. */
export async function pathOf({ polyaxon }: Apis, uid: unknown): Promise<string> {
  const { body } = await polyaxon('GET', `${home}?limit=5000`);
  const found = listOf(body).results.find(({ uuid }) => uuid === hexOf(uid));
  return `${home}/${found?.id}`;
}

/** Polyaxon's time, of microseconds, as Submarine writes it, of milliseconds. */
export function millisOf(time: unknown): string {
  return String(time).replace(/(\.\d{3})\d{3}\+00:00$/, '$1+00:00');
}
