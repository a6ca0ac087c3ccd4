import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient, objectOf } from './harness.js';

let client: Client;
const one = '/api/v1/root/p/experiments/1';

beforeEach(async () => {
  client = await createClient();
  await client.call('POST', '/api/v1/projects', { body: { name: 'p' } });
  const made = await client.call('POST', '/api/v1/root/p/experiments', { body: { is_managed: false } });
  expect(made.http).toBe(201);
});

afterEach(() => client.close());

const detail = async () => objectOf((await client.call('GET', one)).body);
const patch = (body: object) => client.call('PATCH', one, { body });
const text = 'x'.repeat(40_000);

describe('what an experiment keeps beside its own fields', () => {
  it('is bounded as a whole, however many requests it comes in', async () => {
    expect((await patch({ run_env: { a: text } })).http).toBe(200);
    const before = await detail();
    const answer = await patch({ readme: text });
    expect([answer.http, Object.keys(objectOf(answer.body))]).toEqual([400, ['readme']]);
    expect(await detail()).toEqual(before);
  });

  it('does not grow beyond that by merging', async () => {
    expect((await patch({ merge: true, data_refs: { a: text } })).http).toBe(200);
    const answer = await patch({ merge: true, data_refs: { b: text } });
    expect([answer.http, Object.keys(objectOf(answer.body))]).toEqual([400, ['data_refs']]);
    expect(objectOf((await detail()).data_refs)).toEqual({ a: text });
  });

  it('is counted in bytes', async () => {
    const answer = await patch({ readme: 'ü'.repeat(40_000) });
    expect([answer.http, Object.keys(objectOf(answer.body))]).toEqual([400, ['readme']]);
  });

  it('may be made smaller', async () => {
    expect((await patch({ readme: text })).http).toBe(200);
    expect((await patch({ readme: '', run_env: { a: text } })).http).toBe(200);
  });
});
