import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient, listOf, objectOf } from './harness.js';

const experiments = '/api/v1/root/p/experiments';
const one = `${experiments}/1`;

let client: Client;

beforeEach(async () => {
  client = await createClient();
  await client.call('POST', '/api/v1/projects', { body: { name: 'p' } });
  await client.call('POST', experiments, { body: { is_managed: false } });
});

afterEach(() => client.close());

const post = (part: string, body?: unknown) =>
  client.call('POST', `${one}/${part}`, body === undefined ? {} : { body });
const rows = async (part: string) => listOf((await client.call('GET', `${one}/${part}`)).body).results;
const status = async () => objectOf((await client.call('GET', one)).body).last_status;

describe('statuses', () => {
  it.each([
    [['running', 'succeeded'], 'succeeded'],
    [['running', 'scheduled'], 'running'],
    [['running', 'created'], 'running'],
    [['running', 'resuming'], 'running'],
    [['starting', 'building'], 'starting'],
    [['failed', 'succeeded'], 'failed'],
    [['succeeded', 'running'], 'succeeded'],
    [['failed', 'running'], 'failed'],
    [['succeeded', 'stopped'], 'stopped'],
    [['skipped', 'stopped'], 'skipped'],
    [['warning', 'running'], 'running'],
    [['running', 'warning', 'unknown'], 'unknown'],
    [['stopped', 'resuming'], 'resuming'],
    [['failed', 'resuming'], 'failed'],
    [['unschedulable', 'scheduled', 'running', 'upstream_failed'], 'upstream_failed'],
  ])('%j ends as %s, and all of it is kept', async (reported, last) => {
    for (const word of reported) {
      const answer = await post('statuses', { status: word, message: `m ${word}` });
      expect(answer).toMatchObject({
        http: 201,
        body: { status: word, message: `m ${word}`, experiment: 1 },
      });
    }
    expect(await status()).toBe(last);
    expect((await rows('statuses')).map((row) => row.status)).toEqual(['created', ...reported]);
  });

  it('have the time and the traceback that were sent, and pages', async () => {
    await post('statuses', { status: 'running', created_at: '2018-10-01 10:00:00' });
    await post('statuses', {
      status: 'failed',
      traceback: 'Traceback…',
      created_at: '2018-10-01T12:01:18+02:00',
    });
    expect(
      (await rows('statuses?limit=2&offset=1')).map((row) => [row.id, row.created_at, row.traceback]),
    ).toEqual([
      [2, '2018-10-01T10:00:00.000000+00:00', undefined],
      [3, '2018-10-01T10:01:18.000000+00:00', 'Traceback…'],
    ]);
    expect(objectOf((await client.call('GET', one)).body).total_run).toBe('1m 18s');
  });

  it('of a managed run are ended by the runner alone', async () => {
    const content = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'x' } });
    await client.call('POST', experiments, { body: { content } });
    const answer = await client.call('POST', `${experiments}/2/statuses`, { body: { status: 'succeeded' } });
    expect(answer.http).toBe(201);
    expect(objectOf((await client.call('GET', `${experiments}/2`)).body).last_status).toBe('created');
  });
});

describe('metrics', () => {
  it('come one by one, in lists and empty', async () => {
    const single = await post('metrics', { values: { a: 1, b: null }, created_at: '2018-10-01T10:00:00Z' });
    expect(single).toMatchObject({
      http: 201,
      body: {
        id: 1,
        values: { a: 1, b: null },
        created_at: '2018-10-01T10:00:00.000000+00:00',
        experiment: 1,
      },
    });
    expect(
      await post('metrics', [{ values: { a: 2 } }, { values: {} }, { values: { a: true } }]),
    ).toMatchObject({
      http: 201,
      text: '',
    });
    for (const nothing of [[], undefined]) expect((await post('metrics', nothing)).http).toBe(201);
    expect((await rows('metrics')).map((row) => row.values)).toEqual([{ a: 1, b: null }, { a: 2 }, { a: 1 }]);
    expect((await rows('metrics?limit=1&offset=1')).map((row) => row.values)).toEqual([{ a: 2 }]);
  });

  it('are whole without a limit', async () => {
    await post(
      'metrics',
      Array.from({ length: 6_000 }, (_, at) => ({ values: { a: at } })),
    );
    expect(await rows('metrics')).toHaveLength(6_000);
    expect(await rows('metrics?limit=9000')).toHaveLength(5_000);
  });

  it('are all or none', async () => {
    expect((await post('metrics', [{ values: { a: 1 } }, { values: { a: 'x' } }])).http).toBe(400);
    expect(await rows('metrics')).toEqual([]);
  });

  it('keep what JSON has no numbers for', async () => {
    const values = { a: 'NaN', b: 'Infinity', c: '-Infinity' };
    expect((await post('metrics', { values })).body).toMatchObject({ values });
    expect(objectOf((await client.call('GET', one)).body).last_metric).toEqual(values);
  });

  it('are taken after the end', async () => {
    await post('statuses', { status: 'succeeded' });
    expect((await post('metrics', { values: { a: 1 } })).http).toBe(201);
    expect(await status()).toBe('succeeded');
    expect(await rows('metrics')).toHaveLength(1);
  });
});

describe('logs of what reports here', () => {
  it('come as text or as lines, in their order', async () => {
    for (const body of ['"one\\ntwo"', ['three', 'four'], '""', '"é😀"']) {
      expect(await post('logs', body)).toMatchObject({ http: 200, text: '' });
    }
    expect((await post('logs')).http).toBe(200);
    const answer = await client.raw('GET', `${one}/logs`);
    expect(await answer.text()).toBe('one\ntwo\nthree\nfour\né😀\n');
  });

  it('are empty at first', async () => {
    expect(await (await client.raw('GET', `${one}/logs`)).text()).toBe('');
  });
});

describe('heartbeats', () => {
  it('change nothing that is shown', async () => {
    expect(await post('_heartbeat')).toMatchObject({ http: 200, text: '' });
    expect(await status()).toBe('created');
  });
});
