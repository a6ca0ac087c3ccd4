import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, type Client, createClient, listOf, objectOf } from './harness.js';

let client: Client;

beforeEach(async () => {
  client = await createClient();
});

afterEach(() => client.close());

const path = '/api/v1/template';
/** Like the one that Submarine installs. */
const sent = {
  name: 'tf-mnist',
  author: 'author',
  description: 'a template to run tf-mnist',
  parameters: [
    { name: 'learning_rate', value: 0.1, required: true, description: 'of training' },
    { name: 'batch_size', value: '150', required: 'false', description: 'of training' },
    { name: 'experiment_name', value: null, required: 'true', description: 'its name' },
  ],
  experimentSpec: {
    meta: {
      cmd: 'python mnist.py --learning_rate={{learning_rate}} --batch_size={{batch_size}}',
      name: '{{experiment_name}}',
      envVars: { ENV1: 'ENV1' },
      framework: 'TensorFlow',
      namespace: 'default',
    },
    spec: { Worker: { replicas: 1, resources: 'cpu=1,memory=2048M' } },
    environment: { image: 'apache/submarine:tf-mnist-with-summaries-1.0' },
  },
};
const added = (name: string, value: string) => ({
  name: `spec.Worker.${name}`,
  value,
  required: 'false',
  description: null,
});

const create = (body: unknown = sent) => client.call('POST', path, { body });
const submit = (body: unknown, name = 'tf-mnist') =>
  client.call('POST', `/api/v1/experiment/${name}`, { body });

describe('templates', () => {
  it('are stored and shown with the parameters of their roles', async () => {
    const created = await create();
    expect(created).toMatchObject({ http: 200, success: true });
    expect(created.result).toEqual({
      experimentTemplateId: { id: 1, serverTimestamp: expect.any(Number) },
      experimentTemplateSpec: {
        ...sent,
        parameters: [
          { name: 'learning_rate', value: '0.1', required: 'true', description: 'of training' },
          { name: 'batch_size', value: '150', required: 'false', description: 'of training' },
          { name: 'experiment_name', value: null, required: 'true', description: 'its name' },
          added('replicas', '1'),
          added('resourceMap.cpu', '1'),
          added('resourceMap.memory', '2048M'),
        ],
      },
    });
    expect((await client.call('GET', `${path}/tf-mnist`)).result).toEqual(created.result);
    expect((await client.call('GET', `${path}/`)).result).toEqual([created.result]);
  });

  it('are replaced by what they were shown as, and stay the same', async () => {
    const { result } = await create();
    const patched = await client.call('PATCH', `${path}/tf-mnist`, {
      body: objectOf(result).experimentTemplateSpec,
    });
    expect(patched.result).toEqual(result);
  });

  it('are replaced, renamed and deleted', async () => {
    await create();
    const changed = { ...sent, name: 'other', description: null };
    const patched = await client.call('PATCH', `${path}/tf-mnist`, { body: changed });
    expect(at(patched.result, 'experimentTemplateSpec.name')).toBe('other');
    expect((await client.call('GET', `${path}/tf-mnist`)).http).toBe(404);
    expect((await client.call('DELETE', `${path}/other`)).result).toEqual(patched.result);
    expect((await client.call('GET', path)).result).toEqual([]);
  });

  it('take a name once', async () => {
    await create();
    const answer = await create();
    expect(answer.http).toBe(400);
    expect(answer.message).toMatch(/^Unable to insert or update the experimentTemplate spec: /);
  });

  it.each(['GET', 'PATCH', 'DELETE'])('%s of an unknown one is Submarine’s 404', async (method) => {
    const options = method === 'PATCH' ? { body: sent } : {};
    const answer = await client.call(method, `${path}/none`, options);
    expect(answer).toMatchObject({ http: 404, message: 'ExperimentTemplate not found.' });
    if (method !== 'PATCH') return;
    expect(await client.call('PATCH', `${path}/none`, { body: '' })).toMatchObject({ http: 404 });
  });

  it('refuse an empty body', async () => {
    expect(await create('')).toMatchObject({ http: 400, message: 'Invalid experimentTemplate spec.' });
  });

  it.each([
    [{ ...sent, name: undefined }, /^name: /],
    [{ ...sent, name: 'a/b' }, /^name: /],
    [{ ...sent, experimentSpec: undefined }, /^experimentSpec: /],
    [
      { ...sent, experimentSpec: { ...sent.experimentSpec, spec: { Worker: 1 } } },
      /^experimentSpec\.spec\.Worker: /,
    ],
    [
      { ...sent, parameters: [...sent.parameters, { name: 'unused' }] },
      /^Parameters contains unused key: \[unused\]$/,
    ],
    [
      { ...sent, parameters: sent.parameters.slice(0, 2) },
      /^Template contains unmapped value: \[meta\.name:experiment_name\]$/,
    ],
    [{ ...sent, parameters: [{ name: 'learning_rate', value: {} }] }, /^parameters\.0\.value: must be text$/],
  ])('refuse what cannot be filled (%#)', async (body, message) => {
    const answer = await create(body);
    expect(answer.http).toBe(400);
    expect(answer.message).toMatch(message);
  });
});

describe('submitting a template', () => {
  const params = { learning_rate: 0.01, experiment_name: 'New-Experiment1' };

  it('creates the experiment', async () => {
    await create();
    const answer = await submit({ params: { ...params, 'spec.Worker.replicas': 2 }, name: 'ignored' });
    expect(answer).toMatchObject({ http: 200, success: true });
    expect(answer.result).toMatchObject({
      name: 'new-experiment1',
      status: 'Accepted',
      spec: {
        meta: { cmd: 'python mnist.py --learning_rate=0.01 --batch_size=150', name: 'new-experiment1' },
        spec: { Worker: { replicas: 2, resources: 'cpu=1,memory=2048M' } },
      },
    });
    const { result } = await client.call('GET', '/api/v1/experiment');
    expect(listOf(result)).toEqual([answer.result]);
  });

  it('creates experiments that later changes of the template do not touch', async () => {
    await create();
    const { result } = await submit({ params });
    await client.call('DELETE', `${path}/tf-mnist`);
    const id = String(at(result, 'experimentId'));
    expect((await client.call('GET', `/api/v1/experiment/${id}`)).result).toEqual(result);
  });

  it.each([
    [{ params: { ...params, x: 1 } }, 'Parameters contains illegal key: [x]'],
    [{ params: { learning_rate: '1' } }, 'Template contains unmapped value: [experiment_name]'],
    [{}, 'Template contains unmapped value: [learning_rate, experiment_name]'],
    ['', 'Template contains unmapped value: [learning_rate, experiment_name]'],
    [{ params: null }, 'Template contains unmapped value: [learning_rate, experiment_name]'],
    [
      { params: { ...params, 'spec.Worker.replicas': 'x' } },
      'spec.Worker.replicas: must be a whole number from 0 to 1000',
    ],
    [
      { params: { ...params, 'spec.Worker.resourceMap.cpu': 'x' } },
      'spec.Worker.resources: the value of cpu is not a quantity',
    ],
  ])('refuses %j', async (body, message) => {
    await create();
    expect(await submit(body)).toMatchObject({ http: 400, message });
  });

  it('of an unknown one is Submarine’s 404', async () => {
    expect(await submit({ params }, 'none')).toMatchObject({
      http: 404,
      message: 'ExperimentTemplate not found.',
    });
  });
});
