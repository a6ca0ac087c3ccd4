import { createPolyaxonAdapter } from '../../adapters/polyaxon/index.js';
import { createSubmarineAdapter } from '../../adapters/submarine/index.js';
import type { Adapter } from '../../src/http/adapter.js';
import * as polyaxonHarness from '../adapters/polyaxon/harness.js';
import * as submarineHarness from '../adapters/submarine/harness.js';
import { createSite } from '../http/support.js';
import { rawAnswerOf } from '../support/raw-http.js';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

export const at = submarineHarness.at;
export const objectOf = submarineHarness.objectOf;
export const listOf = polyaxonHarness.listOf;
export const recordsOf = submarineHarness.listOf;

/** Asks a server, or an adapter without a socket. */
type Ask = (method: string, path: string, body?: unknown) => Promise<Response>;

/** Both APIs of one server. Each answer is checked against what its document says. */
export interface BothApis {
  readonly polyaxon: (method: string, path: string, body?: unknown) => Promise<polyaxonHarness.Answer>;
  readonly submarine: (method: string, path: string, body?: unknown) => Promise<submarineHarness.Answer>;
}

/** Where Submarine's experiments are for Polyaxon. */
export const home = '/api/v1/root/Default/experiments';
/** Where all experiments are for Submarine. */
export const experiments = '/api/v1/experiment';

/** The two APIs over what `askPolyaxon` and `askSubmarine` reach. */
export function bothApis(askPolyaxon: Ask, askSubmarine: Ask): BothApis {
  return {
    async polyaxon(method, path, body) {
      const answer = await askPolyaxon(method, path, body);
      return polyaxonHarness.checkAnswer(method, path, await rawAnswerOf(answer));
    },
    async submarine(method, path, body) {
      const answer = await askSubmarine(method, path, body);
      return submarineHarness.checkAnswer(method, path, await rawAnswerOf(answer));
    },
  };
}

/** A request's parts; a text is sent as it is. */
export function requestInit(method: string, body: unknown): RequestInit {
  if (body === undefined) return { method };
  return {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** Both adapters over one real store in a folder of its own, called without a socket. Nothing is started. */
export async function createBoth(): Promise<BothApis & { close(): Promise<void> }> {
  const site = await createSite();
  const asking =
    ({ app }: Adapter): Ask =>
    async (method, path, body) => {
      const init = requestInit(method, body);
      const headers = { Host: '127.0.0.1:5050', ...(init.headers as Record<string, string> | undefined) };
      return app.fetch(new Request(`http://127.0.0.1:5050${path}`, { ...init, headers }));
    };
  const apis = bothApis(asking(createPolyaxonAdapter(site.deps)), asking(createSubmarineAdapter(site.deps)));
  return { ...apis, close: () => site.remove() };
}

/** A uuid in Polyaxon's form of one in Submarine's. */
export function hexOf(uid: unknown): string {
  return String(uid).replaceAll('-', '');
}

/** The experimentId of the run that Polyaxon shows with this uuid. */
export async function experimentIdOf({ submarine }: BothApis, uuid: unknown): Promise<string> {
  const { result } = await submarine('GET', experiments);
  const found = recordsOf(result).find(({ uid }) => hexOf(uid) === uuid);
  return String(found?.experimentId);
}

/** The path by which Polyaxon names the run of this uid. */
export async function pathOf({ polyaxon }: BothApis, uid: unknown): Promise<string> {
  const { body } = await polyaxon('GET', `${home}?limit=5000`);
  const found = listOf(body).results.find(({ uuid }) => uuid === hexOf(uid));
  return `${home}/${found?.id}`;
}

/** Polyaxon's time, of microseconds, as Submarine writes it, of milliseconds. */
export function millisOf(time: unknown): string {
  return String(time).replace(/(\.\d{3})\d{3}\+00:00$/, '$1+00:00');
}
