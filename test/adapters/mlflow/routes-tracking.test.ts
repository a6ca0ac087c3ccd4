import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient, objectOf } from './harness.js';

const api = '/api/2.0/mlflow';

let client: Client;

beforeEach(async () => {
  client = await createClient();
});

afterEach(() => client.close());

const post = (path: string, body?: unknown) =>
  client.call('POST', `${api}/${path}`, body === undefined ? {} : { body });
const get = (path: string) => client.call('GET', `${api}/${path}`);

async function created(fields: object = {}): Promise<string> {
  const answer = await post('runs/create', { experiment_id: '0', ...fields });
  expect([answer.http, answer.text]).toEqual([200, answer.text]);
  return String(objectOf(objectOf(objectOf(answer.body).run).info).run_id);
}

interface Shown {
  info: Record<string, unknown>;
  data: { metrics: object[]; params: object[]; tags: { key: string; value: string }[] };
}

async function shown(id: string): Promise<Shown> {
  return objectOf((await get(`runs/get?run_id=${id}`)).body).run as Shown;
}

describe('experiments', () => {
  it('live, are renamed, tagged, deleted and restored', async () => {
    const made = await post('experiments/create', {
      name: 'a',
      tags: [
        { key: 'x', value: 'y' },
        { key: 'mlflow.note.content', value: 'note' },
      ],
    });
    expect(made.body).toEqual({ experiment_id: '1' });
    expect((await get('experiments/get-by-name?experiment_name=a')).body).toMatchObject({
      experiment: {
        experiment_id: '1',
        artifact_location: 'mlflow-artifacts:/1',
        lifecycle_stage: 'active',
        tags: [
          { key: 'mlflow.note.content', value: 'note' },
          { key: 'x', value: 'y' },
        ],
      },
    });
    expect((await post('experiments/create', { name: 'a' })).body).toMatchObject({
      error_code: 'RESOURCE_ALREADY_EXISTS',
    });
    expect((await post('experiments/update', { experiment_id: '1', new_name: 'b' })).body).toEqual({});
    expect(
      (await post('experiments/set-experiment-tag', { experiment_id: '1', key: 'x', value: 'z' })).http,
    ).toBe(200);
    expect(
      (await post('experiments/delete-experiment-tag', { experiment_id: '1', key: 'mlflow.note.content' }))
        .http,
    ).toBe(200);
    expect((await get('experiments/get?experiment_id=1')).body).toMatchObject({
      experiment: { name: 'b', tags: [{ key: 'x', value: 'z' }] },
    });
    const run = await created({ experiment_id: '1' });
    expect((await post('experiments/delete', { experiment_id: '1' })).http).toBe(200);
    expect((await post('experiments/delete', { experiment_id: '1' })).body).toMatchObject({
      error_code: 'RESOURCE_DOES_NOT_EXIST',
    });
    expect((await shown(run)).info).toMatchObject({ lifecycle_stage: 'deleted' });
    expect((await post('runs/create', { experiment_id: '1' })).body).toMatchObject({
      error_code: 'INVALID_PARAMETER_VALUE',
    });
    expect((await post('experiments/restore', { experiment_id: '1' })).http).toBe(200);
    expect((await shown(run)).info).toMatchObject({ lifecycle_stage: 'active' });
  });

  it.each([
    ['experiments/create', {}, "Missing value for required parameter 'name'."],
    ['experiments/create', { name: '' }, "Missing value for required parameter 'name'."],
    ['experiments/create', { name: 5 }, "Invalid value for parameter 'name' supplied: must be a text"],
    ['experiments/create', { name: 'x'.repeat(501) }, "Invalid value for parameter 'name'"],
    ['experiments/create', { name: 'x', artifact_location: '/etc' }, "'artifact_location'"],
    ['experiments/create', { name: 'x', artifact_location: 'file:///etc' }, "'artifact_location'"],
    ['experiments/search', {}, "'max_results'"],
    ['experiments/search', { max_results: 0 }, "'max_results'"],
    ['experiments/search', { max_results: 50_001 }, "'max_results'"],
    ['experiments/update', { experiment_id: 'x', new_name: 'y' }, "'experiment_id'"],
    ['experiments/create', { name: 'x', tags: [{ key: 'k'.repeat(251) }] }, "'tags.0.key'"],
    ['experiments/create', { name: 'x', tags: [{ key: 'k', value: 'v'.repeat(20_001) }] }, "'tags.0.value'"],
    ['experiments/create', { name: 'x', tags: [{ key: 'k' }, { key: 'k' }] }, "'tags'"],
    ['runs/create', {}, "Missing value for required parameter 'experiment_id'."],
    ['runs/update', { status: 'FINISHED' }, "Missing value for required parameter 'run_id'."],
    ['runs/update', { run_id: 'x', status: 77 }, "'status'"],
    ['runs/log-metric', { run_id: 'x', key: 'k', value: 1, timestamp: -1 }, "'timestamp'"],
    ['runs/create', { experiment_id: 'abc' }, "'experiment_id'"],
    ['runs/create', { experiment_id: '0', start_time: 'x' }, "'start_time'"],
    [
      'runs/create',
      { experiment_id: '0', run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] },
      "'run_name'",
    ],
    ['runs/search', { max_results: 0 }, "'max_results'"],
    ['runs/search', { experiment_ids: ['x'] }, "'experiment_ids'"],
    ['runs/search', { experiment_ids: ['0'], page_token: 'forged' }, 'no place'],
  ])('%s %j is refused', async (path, body, words) => {
    const answer = await post(path, body);
    expect([answer.http, answer.body]).toEqual([
      400,
      { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(words) },
    ]);
  });

  it('are searched in pages', async () => {
    for (const name of ['a', 'b', 'c']) await post('experiments/create', { name });
    const names = (body: unknown) =>
      (objectOf(body).experiments as { name: string }[]).map(({ name }) => name);
    const first = await post('experiments/search', { max_results: 2 });
    expect(names(first.body)).toEqual(['c', 'b']);
    const token = objectOf(first.body).next_page_token;
    const second = await get(`experiments/search?max_results=2&page_token=${token}`);
    expect([names(second.body), objectOf(second.body).next_page_token]).toEqual([
      ['a', 'Default'],
      undefined,
    ]);
  });
});

describe('runs', () => {
  it('begin, get a name, report, end and begin again', async () => {
    const id = await created({ start_time: '123', user_id: 'me' });
    const { info, data } = await shown(id);
    expect(info).toMatchObject({ run_uuid: id, status: 'RUNNING', start_time: 123, user_id: 'me' });
    expect(info.run_name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(data.tags).toEqual([{ key: 'mlflow.runName', value: info.run_name }]);
    const update = async (fields: object) =>
      objectOf(objectOf((await post('runs/update', { run_id: id, ...fields })).body).run_info);
    // An end that comes before the run has ended is kept.
    expect(await update({ end_time: 5 })).toMatchObject({ status: 'RUNNING', end_time: 5 });
    expect(await update({ status: 'FINISHED', end_time: 7 })).toMatchObject({
      status: 'FINISHED',
      end_time: 7,
    });
    expect(await update({ status: 'FAILED', end_time: '8' })).toMatchObject({
      status: 'FAILED',
      end_time: 8,
    });
    expect(await update({ end_time: 9 })).toMatchObject({ status: 'FAILED', end_time: 9 });
    const again = await update({ status: 'RUNNING', run_name: 'n' });
    expect([again.status, again.end_time, again.run_name]).toEqual(['RUNNING', undefined, 'n']);
    expect(await update({ status: 'NOPE' })).toMatchObject({ status: 'RUNNING' });
  });

  it('keep times that no clock has', async () => {
    const start_time = 100_000_000_000_000_000n;
    const answer = await post('runs/create', `{"experiment_id":"0","start_time":${start_time}}`);
    expect(answer.text).toContain(`"start_time":${start_time}`);
    const id = String(objectOf(objectOf(objectOf(answer.body).run).info).run_id);
    const ended = await post(
      'runs/update',
      `{"run_id":"${id}","status":"KILLED","end_time":9223372036854775807}`,
    );
    expect(ended.text).toContain('"end_time":9223372036854775807');
  });

  it('are renamed by their tag, and parts of other runs', async () => {
    const [parent, id] = [await created(), await created({ tags: [{ key: 'mlflow.runName', value: 'a' }] })];
    expect((await shown(id)).info.run_name).toBe('a');
    for (const [key, value] of [
      ['mlflow.runName', 'b'],
      ['mlflow.parentRunId', parent],
      ['mlflow.source.git.commit', 'c0ffee'],
      ['mlflow.note.content', 'note'],
      ['x', 'y'],
    ])
      expect((await post('runs/set-tag', { run_id: id, key, value })).http).toBe(200);
    const tags = [
      { key: 'mlflow.runName', value: 'b' },
      { key: 'mlflow.note.content', value: 'note' },
      { key: 'mlflow.parentRunId', value: parent },
      { key: 'mlflow.source.git.commit', value: 'c0ffee' },
      { key: 'x', value: 'y' },
    ];
    expect((await shown(id)).data.tags).toEqual(tags);
    for (const { key } of tags) expect((await post('runs/delete-tag', { run_id: id, key })).http).toBe(200);
    expect((await shown(id)).data.tags).toEqual([{ key: 'mlflow.runName', value: 'b' }]);
    expect((await post('runs/delete-tag', { run_id: id, key: 'x' })).http).toBe(404);
    // No run is its own parent.
    await post('runs/set-tag', { run_id: id, key: 'mlflow.parentRunId', value: id });
    expect((await shown(id)).data.tags).toContainEqual({ key: 'mlflow.parentRunId', value: id });
  });

  it('are deleted, then changed by nobody, and restored', async () => {
    const id = await created();
    expect((await post('runs/delete', { run_id: id })).http).toBe(200);
    expect((await post('runs/delete', { run_id: id })).http).toBe(200);
    expect((await shown(id)).info).toMatchObject({ lifecycle_stage: 'deleted' });
    for (const [path, body] of [
      ['runs/set-tag', { key: 'x', value: 'y' }],
      ['runs/log-metric', { key: 'x', value: 1, timestamp: 1 }],
      ['runs/log-parameter', { key: 'x', value: '1' }],
      ['runs/update', { status: 'FINISHED' }],
    ] as const)
      expect((await post(path, { run_id: id, ...body })).body).toMatchObject({
        error_code: 'INVALID_PARAMETER_VALUE',
      });
    expect((await post('runs/restore', { run_id: id })).http).toBe(200);
    expect((await post('runs/set-tag', { run_id: id, key: 'x', value: 'y' })).http).toBe(200);
  });

  it.each(['x', '0'.repeat(32), '../x'])('%s is none', async (id) => {
    const answer = await get(`runs/get?run_id=${encodeURIComponent(id)}`);
    expect(answer.body).toMatchObject({ error_code: 'RESOURCE_DOES_NOT_EXIST' });
    expect((await post('runs/log-metric', { run_id: id, key: 'k', value: 1, timestamp: 1 })).http).toBe(404);
  });

  it('are found, in pages, with all that was logged', async () => {
    const ids: string[] = [];
    for (let place = 0; place < 5; place += 1) {
      const id = await created({ start_time: place });
      await post('runs/log-metric', { run_id: id, key: 'm', value: place, timestamp: 1 });
      ids.push(id);
    }
    const search = {
      experiment_ids: ['0', '77'],
      filter: 'metrics.m >= 1',
      order_by: ['metrics.m ASC'],
      max_results: 3,
    };
    const pages: unknown[] = [];
    let page_token = '';
    do {
      const { body } = await post('runs/search', { ...search, page_token });
      const { runs, next_page_token = '' } = body as { runs: Shown[]; next_page_token?: string };
      pages.push(runs.map(({ info, data }) => [info.run_id, data.metrics.length]));
      page_token = next_page_token;
    } while (page_token !== '');
    const row = (place: number) => [ids[place], 1];
    expect(pages).toEqual([[row(1), row(2), row(3)], [row(4)]]);
    const newest = objectOf((await post('runs/search', { experiment_ids: ['0'] })).body).runs as Shown[];
    expect(newest.map(({ info }) => info.run_id)).toEqual(ids.toReversed());
    expect((await post('runs/search', {})).body).toEqual({ runs: [] });
  });
});

describe('what is logged', () => {
  it('is a value with a step and a time, NaN and the infinities too', async () => {
    const id = await created();
    for (const [value, step] of [
      [1.5, 0],
      ['NaN', 1],
      ['Infinity', 2],
      ['-Infinity', 3],
    ])
      expect(
        (await post('runs/log-metric', { run_id: id, key: 'm', value, timestamp: 10, step })).body,
      ).toEqual({});
    expect((await get(`metrics/get-history?run_id=${id}&metric_key=m`)).body).toEqual({
      metrics: [
        { key: 'm', value: 1.5, timestamp: 10, step: 0 },
        { key: 'm', value: 'NaN', timestamp: 10, step: 1 },
        { key: 'm', value: 'Infinity', timestamp: 10, step: 2 },
        { key: 'm', value: '-Infinity', timestamp: 10, step: 3 },
      ],
    });
    expect((await shown(id)).data.metrics).toEqual([
      { key: 'm', value: '-Infinity', timestamp: 10, step: 3 },
    ]);
  });

  it('has steps and times of 64 bits, exactly', async () => {
    const id = await created();
    const body = `{"run_id":"${id}","key":"m","value":1,"timestamp":9223372036854775807,"step":-9223372036854775808}`;
    expect((await post('runs/log-metric', body)).http).toBe(200);
    const history = await get(`metrics/get-history?run_id=${id}&metric_key=m`);
    expect(history.text).toContain('"timestamp":9223372036854775807,"step":-9223372036854775808');
  });

  it('is a batch, all or nothing', async () => {
    const run_id = await created();
    const batch = {
      run_id,
      metrics: [{ key: 'm', value: 1, timestamp: 1 }],
      params: [{ key: 'p', value: '1' }, { key: 'q' }],
      tags: [{ key: 't', value: 'v' }],
    };
    expect((await post('runs/log-batch', batch)).body).toEqual({});
    const changed = {
      ...batch,
      metrics: [{ key: 'n', value: 1, timestamp: 1 }],
      params: [{ key: 'p', value: '2' }],
    };
    expect((await post('runs/log-batch', changed)).body).toMatchObject({
      error_code: 'INVALID_PARAMETER_VALUE',
    });
    const { data } = await shown(run_id);
    expect(data.metrics).toHaveLength(1);
    expect(data.params).toEqual([
      { key: 'p', value: '1' },
      { key: 'q', value: '' },
    ]);
    expect((await post('runs/log-batch', { run_id })).http).toBe(200);
  });

  const many = (count: number) =>
    Array.from({ length: count }, (_, place) => ({ key: `k${place}`, value: '1' }));
  it.each([
    ['metrics', { metrics: many(1001).map((one) => ({ ...one, timestamp: 1 })) }],
    ['params', { params: many(101) }],
    ['tags', { tags: many(101) }],
    ['together', { metrics: many(950).map((one) => ({ ...one, timestamp: 1 })), params: many(51) }],
    ['params', { params: [...many(1), ...many(1)] }],
    ['metrics.0.timestamp', { metrics: [{ key: 'm', value: 1 }] }],
    ['metrics.0.value', { metrics: [{ key: 'm', value: 'abc', timestamp: 1 }] }],
    ['params.0.key', { params: [{ key: 'a!', value: '1' }] }],
    ['tags.0.key', { tags: [{ value: '1' }] }],
  ])('is refused where %s is wrong', async (words, fields) => {
    const answer = await post('runs/log-batch', { run_id: await created(), ...fields });
    expect([answer.http, answer.text]).toEqual([400, expect.stringContaining(words)]);
  });

  it('is a model, as older clients log it', async () => {
    const run_id = await created();
    const model = { artifact_path: 'model', flavors: {}, utc_time_created: 'now', run_id };
    const log = (model_json: unknown) => post('runs/log-model', { run_id, model_json });
    expect((await log(JSON.stringify(model))).body).toEqual({});
    expect((await log(JSON.stringify({ ...model, artifact_path: 'other' }))).body).toEqual({});
    const { value } = (await shown(run_id)).data.tags.at(-1) ?? {};
    expect(JSON.parse(value ?? '')).toEqual([model, { ...model, artifact_path: 'other' }]);
    for (const wrong of ['{}', '[]', 'x', '', 5])
      expect((await log(wrong)).body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
  });

  it('has a long value whole', async () => {
    const run_id = await created();
    const value = 'ü'.repeat(10_000);
    await post('runs/log-parameter', { run_id, key: 'p', value });
    await post('runs/set-tag', { run_id, key: 't', value });
    const { data } = await shown(run_id);
    expect([data.params, data.tags.at(-1)]).toEqual([[{ key: 'p', value }], { key: 't', value }]);
  });

  it('comes in a history by pages without repeats', async () => {
    const run_id = await created();
    const points = [3, 1, 2, 2, 2].map((value) => ({ key: 'm', value, timestamp: 1, step: 0 }));
    await post('runs/log-batch', { run_id, metrics: points });
    const values: unknown[] = [];
    let token = '';
    do {
      const page = await get(
        `metrics/get-history?run_id=${run_id}&metric_key=m&max_results=2&page_token=${token}`,
      );
      const { metrics, next_page_token = '' } = page.body as {
        metrics: { value: number }[];
        next_page_token?: string;
      };
      values.push(metrics.map(({ value }) => value));
      token = next_page_token;
    } while (token !== '');
    expect(values).toEqual([[1, 2], [3]]);
    expect((await get(`metrics/get-history?run_id=${run_id}&metric_key=m&page_token=x`)).http).toBe(400);
    expect((await get(`metrics/get-history?run_id=${'0'.repeat(32)}&metric_key=m`)).body).toEqual({
      metrics: [],
    });
  });

  it('comes of several runs, spread evenly or at once', async () => {
    const ids = [await created(), await created()].sort();
    for (const run_id of ids) {
      const metrics = Array.from({ length: 10 }, (_, step) => ({
        key: 'm',
        value: step,
        timestamp: step,
        step,
      }));
      await post('runs/log-batch', { run_id, metrics });
    }
    const query = `run_ids=${ids[0]}&run_ids=${ids[1]}&run_ids=none&metric_key=m`;
    const sampled = objectOf((await get(`metrics/get-history-bulk-interval?${query}&max_results=3`)).body);
    const steps = (sampled.metrics as { run_id: string; step: number }[]).map(({ run_id, step }) => [
      run_id,
      step,
    ]);
    expect(steps.filter(([run_id]) => run_id === ids[0]).at(-1)).toEqual([ids[0], 9]);
    expect(new Set(steps.map(([run_id]) => run_id))).toEqual(new Set(ids));
    const bulk = objectOf(
      (await get(`metrics/get-history-bulk?run_id=${ids[0]}&run_id=${ids[1]}&metric_key=m`)).body,
    );
    expect(bulk.metrics).toHaveLength(20);
    expect((await get(`metrics/get-history-bulk-interval?metric_key=m`)).http).toBe(400);
    for (const wrong of ['max_results=2501', 'start_step=1', 'end_step=1', 'start_step=2&end_step=1'])
      expect((await get(`metrics/get-history-bulk-interval?${query}&${wrong}`)).http).toBe(400);
  });
});

describe('the rest', () => {
  it.each([
    ['GET', `${api}/registered-models/search`, 404, 'ENDPOINT_NOT_FOUND'],
    ['GET', '/ajax-api/2.0/nope', 404, 'ENDPOINT_NOT_FOUND'],
    ['GET', '/api/3.0/mlflow/traces', 404, 'ENDPOINT_NOT_FOUND'],
    ['POST', `${api}/runs/get`, 405, 'BAD_REQUEST'],
  ])('%s %s is %i', async (method, path, status, error_code) => {
    const answer = await client.call(method, path);
    expect([answer.http, answer.body]).toEqual([status, { error_code, message: expect.any(String) }]);
  });

  it('is served to pages at their own address', async () => {
    expect((await client.call('GET', '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0')).http).toBe(200);
  });

  it('takes JSON alone', async () => {
    const answer = await client.call('POST', `${api}/runs/create`, {
      body: 'experiment_id=0',
      type: 'text/plain',
    });
    expect(answer.body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    for (const body of ['{"experiment_id":', '[]', '5', '"x"'])
      expect((await post('runs/create', body)).http).toBe(400);
  });

  it('tells its version to everybody', async () => {
    expect((await client.call('GET', '/version')).text).toMatch(/^3\.\d+\.\d+$/);
    expect((await client.call('GET', '/api/3.0/mlflow/server-info')).body).toMatchObject({
      workspaces_enabled: true,
    });
  });
});
