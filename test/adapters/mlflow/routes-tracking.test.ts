import { describe, expect, it } from 'vitest';
import { objectOf } from './harness.js';
import { api, type Shown, useTracking } from './tracking.js';

const { call, post, get, created, shown } = useTracking();

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

describe('the rest', () => {
  it.each([
    ['GET', `${api}/registered-models/search`, 404, 'ENDPOINT_NOT_FOUND'],
    ['GET', '/ajax-api/2.0/nope', 404, 'ENDPOINT_NOT_FOUND'],
    ['GET', '/api/3.0/mlflow/traces', 404, 'ENDPOINT_NOT_FOUND'],
    ['POST', `${api}/runs/get`, 405, 'BAD_REQUEST'],
  ])('%s %s is %i', async (method, path, status, error_code) => {
    const answer = await call(method, path);
    expect([answer.http, answer.body]).toEqual([status, { error_code, message: expect.any(String) }]);
  });

  it('is served to pages at their own address', async () => {
    expect((await call('GET', '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0')).http).toBe(200);
  });

  it('takes JSON alone', async () => {
    const answer = await call('POST', `${api}/runs/create`, {
      body: 'experiment_id=0',
      type: 'text/plain',
    });
    expect(answer.body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    for (const body of ['{"experiment_id":', '[]', '5', '"x"'])
      expect((await post('runs/create', body)).http).toBe(400);
  });

  it('tells its version to everybody', async () => {
    expect((await call('GET', '/version')).text).toMatch(/^3\.\d+\.\d+$/);
    expect((await call('GET', '/api/3.0/mlflow/server-info')).body).toMatchObject({
      workspaces_enabled: true,
    });
  });
});
