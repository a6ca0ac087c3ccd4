import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  at,
  createPlatform,
  experimentIdOf,
  experiments,
  home,
  listOf,
  objectOf,
  pathOf,
  recordsOf,
} from './support.js';

let both: Awaited<ReturnType<typeof createPlatform>>;

beforeAll(async () => {
  both = await createPlatform();
});

afterAll(() => both.close());

const file = { version: 1, kind: 'experiment', framework: 'tensorflow', run: { cmd: 'echo a' } };
const spec = {
  meta: {
    name: 'train',
    framework: 'TensorFlow',
    cmd: "echo 'a  b' $HOME",
    envVars: { A: 'one two' },
    tags: ['baseline', 'team=red'],
  },
  environment: { image: 'python:3.11' },
  spec: {
    Ps: { replicas: 1, resources: 'cpu=1' },
    Worker: { replicas: 2, resources: 'cpu=2,memory=512Mi' },
  },
};

interface Both {
  readonly path: string;
  readonly id: string;
}

/** Where each dialect has a run that Polyaxon created. */
async function inPolyaxon(body: object = { content: JSON.stringify(file) }): Promise<Both> {
  const answer = await both.polyaxon('POST', home, body);
  const id = await experimentIdOf(both, at(answer.body, 'uuid'));
  return { path: `${home}/${at(answer.body, 'id')}`, id };
}

/** Where each dialect has a run that Submarine created. */
async function inSubmarine(body: object = spec): Promise<Both> {
  const { result } = await both.submarine('POST', experiments, body);
  return { path: await pathOf(both, at(result, 'uid')), id: String(at(result, 'experimentId')) };
}

async function detail(path: string): Promise<Record<string, unknown>> {
  return objectOf((await both.polyaxon('GET', path)).body);
}

async function view(id: string): Promise<Record<string, unknown>> {
  return objectOf((await both.submarine('GET', `${experiments}/${id}`)).result);
}

async function foundBy(query: string): Promise<unknown[]> {
  const { body } = await both.polyaxon('GET', `${home}?limit=5000&query=${encodeURIComponent(query)}`);
  return listOf(body).results.map((row) => `${home}/${row.id}`);
}

describe('deletion', () => {
  it.each([
    ['Polyaxon', inPolyaxon],
    ['Submarine', inSubmarine],
  ])('of a run of %s here is seen there', async (_name, create) => {
    const [first, second, third] = [await create(), await create(), await create()];
    expect((await both.polyaxon('DELETE', first.path)).http).toBe(204);
    expect((await both.submarine('DELETE', `${experiments}/${second.id}`)).result).toMatchObject({
      status: 'Deleted',
    });
    const number = Number(third.path.split('/').at(-1));
    await both.polyaxon('DELETE', `${home}/delete`, { ids: [number] });
    for (const { path, id } of [first, second, third]) {
      expect((await both.polyaxon('GET', path)).http).toBe(404);
      expect((await both.submarine('GET', `${experiments}/${id}`)).http).toBe(404);
      expect((await both.submarine('GET', `${experiments}/logs/${id}`)).http).toBe(404);
    }
    const { result } = await both.submarine('GET', experiments);
    const ids = recordsOf(result).map(({ experimentId }) => experimentId);
    expect(ids).toEqual(expect.not.arrayContaining([first.id, second.id, third.id]));
  });
});

describe('an archived run', () => {
  it('is in no list of Polyaxon, and in that of Submarine, which knows no archive', async () => {
    const { path, id } = await inSubmarine();
    await both.polyaxon('POST', `${path}/archive`);
    const listed = async () => ({
      polyaxon: (await foundBy('')).includes(path),
      submarine: recordsOf((await both.submarine('GET', experiments)).result).some(
        ({ experimentId }) => experimentId === id,
      ),
    });
    expect(await listed()).toEqual({ polyaxon: false, submarine: true });
    expect((await view(id)).status).toBe('Accepted');
    await both.polyaxon('POST', `${path}/restore`);
    expect(await listed()).toEqual({ polyaxon: true, submarine: true });
  });
});

describe('a new spec that Submarine gives a run of Polyaxon', () => {
  it('is in its words; the file is made of it from then on, and the rest stays', async () => {
    const sent = { content: JSON.stringify(file), description: 'kept', params: { lr: 0.1 }, tags: ['old'] };
    const { path, id } = await inPolyaxon({ ...sent, run_env: { user: 'ada' }, ttl: 60 });
    const before = await detail(path);
    const { http, result } = await both.submarine('PATCH', `${experiments}/${id}`, spec);
    expect(http).toBe(200);
    expect(at(result, 'spec.meta')).toMatchObject(spec.meta);
    expect(at(result, 'spec.spec.Worker')).toMatchObject(spec.spec.Worker);

    const after = await detail(path);
    const { uuid, created_at } = before;
    expect(after).toMatchObject({ uuid, created_at, description: 'kept', params: { lr: 0.1 }, ttl: 60 });
    expect(after).toMatchObject({ name: 'train', tags: spec.meta.tags, run_env: { user: 'ada' } });
    expect(after.config).toEqual({
      version: 1,
      kind: 'experiment',
      framework: 'tensorflow',
      build: { image: 'python:3.11' },
      environment: {
        resources: { cpu: { requests: 2 }, memory: { requests: 512, limits: 1024 } },
        env_vars: [['A', 'one two']],
        replicas: {
          n_workers: 1,
          default_worker: { resources: { cpu: { requests: 2 }, memory: { requests: 512, limits: 1024 } } },
          n_ps: 1,
          default_ps: { resources: { cpu: { requests: 1 } } },
        },
      },
      run: { cmd: `echo ''"'"'a' '' 'b'"'"'' '$HOME'`.replaceAll(`'"'"'`, "'\\''") },
    });
    const jobs = listOf((await both.polyaxon('GET', `${path}/jobs`)).body).results;
    expect(jobs.map(({ role }) => role)).toEqual(['master', 'ps', 'worker', 'worker']);
    const statuses = listOf((await both.polyaxon('GET', `${path}/statuses`)).body).results;
    expect(statuses.at(-1)).toMatchObject({ status: 'resuming' });
  });

  it('is refused for one that only reports', async () => {
    const { path, id } = await inPolyaxon({ is_managed: false });
    const before = await detail(path);
    expect((await both.submarine('PATCH', `${experiments}/${id}`, spec)).http).toBe(409);
    expect(await detail(path)).toEqual(before);
  });
});

describe('a run of Submarine that Polyaxon makes another of', () => {
  it.each(['restart', 'resume', 'copy'])('%s: is the same in Submarine, words and all', async (kind) => {
    const { path, id } = await inSubmarine();
    const { http, body } = await both.polyaxon('POST', `${path}/${kind}`, {});
    expect(http).toBe(201);
    const number = path.split('/').at(-1);
    expect(body).toMatchObject({ original: `root.Default.${number}`, is_clone: true });
    const [origin, made] = [await view(id), await view(await experimentIdOf(both, at(body, 'uuid')))];
    expect(at(made, 'spec.spec')).toEqual(at(origin, 'spec.spec'));
    expect(at(made, 'spec.meta')).toMatchObject({ cmd: spec.meta.cmd, envVars: spec.meta.envVars });
    expect(at(made, 'spec.environment')).toEqual(at(origin, 'spec.environment'));
    expect((await detail(`${home}/${at(body, 'id')}`)).config).toEqual((await detail(path)).config);
  });

  it('with other params: runs in the same words, which name none', async () => {
    const { path, id } = await inSubmarine();
    const { body } = await both.polyaxon('POST', `${path}/restart`, { params: { lr: 0.5 } });
    const made = await view(await experimentIdOf(both, at(body, 'uuid')));
    expect(at(made, 'spec.spec')).toEqual(at(await view(id), 'spec.spec'));
    expect((await detail(`${home}/${at(body, 'id')}`)).params).toEqual({ lr: 0.5 });
  });

  it('with a part of a file: runs that, with the variables, image, replicas and namespace of the first', async () => {
    const { path } = await inSubmarine({ ...spec, meta: { ...spec.meta, namespace: 'team' } });
    const content = '{"run": {"cmd": "echo new"}}';
    const { http, body } = await both.polyaxon('POST', `${path}/restart`, { content });
    expect(http).toBe(201);
    const made = await view(await experimentIdOf(both, at(body, 'uuid')));
    expect(at(made, 'spec.meta')).toMatchObject({
      cmd: 'echo new',
      envVars: spec.meta.envVars,
      namespace: 'team',
    });
    expect(at(made, 'spec.environment.image')).toBe('python:3.11');
    expect(at(made, 'spec.spec')).toMatchObject({
      master: { replicas: 1, resources: 'cpu=2,memory=512Mi' },
      worker: { replicas: 1, resources: 'cpu=2,memory=512Mi' },
      ps: { replicas: 1, resources: 'cpu=1' },
    });
  });
});

describe('what Polyaxon is asked of lists', () => {
  it('finds the runs of Submarine', async () => {
    const { path, id } = await inSubmarine({ ...spec, meta: { ...spec.meta, name: 'sought' } });
    const other = await inSubmarine({
      meta: { name: 'other', framework: 'PyTorch', cmd: 'b', tags: ['c'] },
      spec: { Master: {} },
    });
    await both.polyaxon('PATCH', path, { params: { lr: 0.25 } });
    await both.polyaxon('POST', `${path}/metrics`, { values: { loss: 0.125 } });
    for (const [query, isFound] of [
      ['name:sought', [true, false]],
      ['framework:tensorflow', [true, false]],
      ['framework:pytorch', [false, true]],
      ['tags:team=red', [true, false]],
      ['tags:baseline|c', [true, true]],
      ['status:created', [true, true]],
      ['status:~created', [false, false]],
      ['params.lr:0.25', [true, false]],
      ['metrics.loss:<0.2', [true, false]],
      ['metrics.loss:>0.2', [false, false]],
      ['user:root, independent:true', [true, true]],
    ] as const) {
      const found = await foundBy(query);
      expect([query, [path, other.path].map((one) => found.includes(one))]).toEqual([query, isFound]);
    }
    expect((await view(id)).status).toBe('Accepted');
  });

  it('finds in Submarine by status what Polyaxon reported', async () => {
    const { path, id } = await inPolyaxon({ is_managed: false });
    for (const [reported, shown] of [
      ['scheduled', 'Created'],
      ['running', 'Running'],
      ['stopped', 'Failed'],
    ]) {
      await both.polyaxon('POST', `${path}/statuses`, { status: reported });
      const { result } = await both.submarine('GET', `${experiments}?status=${shown}`);
      expect(recordsOf(result).map(({ experimentId }) => experimentId)).toContain(id);
    }
  });
});
