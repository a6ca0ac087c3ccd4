import { describe, expect, it } from 'vitest';
import { objectOf } from './harness.js';
import { useTracking } from './tracking.js';

const { post, get, created, shown } = useTracking();

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
