import { afterEach, beforeEach, expect } from 'vitest';
import { type Client, createClient, objectOf } from './harness.js';

/** Where the real face of the tracking API is. */
export const api = '/api/2.0/mlflow';

/** A run as an answer shows it, as far as tests look. */
export interface Shown {
  info: Record<string, unknown>;
  data: { metrics: object[]; params: object[]; tags: { key: string; value: string }[] };
}

/** The tracking API of a server of each test's own. */
export function useTracking() {
  let client: Client;

  beforeEach(async () => {
    client = await createClient();
  });

  afterEach(() => client.close());

  const call: Client['call'] = (...request) => client.call(...request);
  const post = (path: string, body?: unknown) =>
    call('POST', `${api}/${path}`, body === undefined ? {} : { body });
  const get = (path: string) => call('GET', `${api}/${path}`);

  /** Makes a run, and gives its id. */
  async function created(fields: object = {}): Promise<string> {
    const answer = await post('runs/create', { experiment_id: '0', ...fields });
    expect([answer.http, answer.text]).toEqual([200, answer.text]);
    return String(objectOf(objectOf(objectOf(answer.body).run).info).run_id);
  }

  /** The run as it is answered. */
  async function shown(id: string): Promise<Shown> {
    return objectOf((await get(`runs/get?run_id=${id}`)).body).run as Shown;
  }

  return { call, post, get, created, shown };
}
