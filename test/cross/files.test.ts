import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex, type Names } from './facts.js';
import { mlflow } from './readers/mlflow.js';
import { polyaxon } from './readers/polyaxon.js';
import { at, createPlatform, experiments, home, type Platform } from './support.js';
import { dashed, leaveFiles, namesOf } from './writers/writer.js';

const rows = [
  { id: 1n, label: 'größe 😀' },
  { id: 2n ** 53n + 1n, label: '' },
];

const parquet = Buffer.from(
  parquetWriteBuffer({
    columnData: [
      { name: 'id', data: rows.map(({ id }) => id), type: 'INT64' },
      { name: 'label', data: rows.map(({ label }) => label), type: 'STRING' },
    ],
  }),
);

/** Every byte, a name of every script, and two tables: one by its name, one that a tag names. */
const files: Readonly<Record<string, Buffer>> = {
  'a/größe 😀 %.bin': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  'a/leer': Buffer.alloc(0),
  'data/predictions.parquet': parquet,
  'eval.json': Buffer.from('{"columns": ["x", "y"], "data": [[1, null], [0.1, "ü"]]}'),
};

const namingTag = {
  key: 'mlflow.loggedArtifacts',
  value: JSON.stringify([{ path: 'eval.json', type: 'table' }]),
};

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

const path = (name: string) => name.split('/').map(encodeURIComponent).join('/');

/** Makes a run with these files, each by its dialect's own means. */
const writers = {
  async Polyaxon() {
    const { body } = await platform.polyaxon('POST', home, { is_managed: false });
    const names = await namesOf(platform, dashed(String(at(body, 'uuid'))));
    await leaveFiles(platform, names, files);
    return names;
  },
  async Submarine() {
    const spec = { meta: { name: 'a', framework: 'PyTorch', cmd: 'a' }, spec: { Master: {} } };
    const { result } = await platform.submarine('POST', experiments, spec);
    const names = await namesOf(platform, String(at(result, 'uid')));
    await leaveFiles(platform, names, files);
    return names;
  },
  async MLflow() {
    const { body } = await platform.mlflow('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
    const id = String(at(body, 'run.info.run_id'));
    for (const [name, content] of Object.entries(files)) {
      const place = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/${path(name)}`;
      expect((await platform.raw('PUT', place, content)).status).toBe(200);
    }
    return namesOf(platform, dashed(id));
  },
  async 'MLflow’s seed'() {
    const runs = '/api/v1/experiments/runs';
    const { body } = await platform.mlflow('POST', runs, { experiment_id: '0' });
    const id = String(at(body, 'run_id'));
    for (const [name, content] of Object.entries(files)) {
      const parts = name.split('/');
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(content)]), parts.pop());
      const folder = parts.length === 0 ? '' : `?artifact_path=${encodeURIComponent(parts.join('/'))}`;
      expect((await platform.mlflow('POST', `${runs}/${id}/log-artifact${folder}`, form)).http).toBe(200);
    }
    return namesOf(platform, dashed(id));
  },
} as const;

async function bytesAt(address: string): Promise<Buffer> {
  const answer = await platform.raw('GET', address);
  expect([address, answer.status]).toEqual([address, 200]);
  return Buffer.from(await answer.arrayBuffer());
}

const sizes = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.length]));

async function checkPolyaxon(names: Names): Promise<void> {
  expect(await polyaxon.read(platform, names)).toMatchObject({ files: sizes });
  for (const [name, content] of Object.entries(files)) {
    const address = `${home}/${names.number}/outputs/files?path=${encodeURIComponent(name)}`;
    expect(await bytesAt(address)).toEqual(content);
  }
}

async function checkMlflow(names: Names): Promise<void> {
  expect(await mlflow.read(platform, names)).toMatchObject({ files: sizes });
  const id = hex(names.uuid);
  for (const [name, content] of Object.entries(files)) {
    expect(await bytesAt(`/get-artifact?run_id=${id}&path=${encodeURIComponent(name)}`)).toEqual(content);
    const proxied = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/${path(name)}`;
    expect(await bytesAt(proxied)).toEqual(content);
  }
}

async function checkFoundry({ uuid, project }: Names): Promise<void> {
  const model = `/api/v2/models/ri.models.main.model.${project}`;
  const address = `${model}/experiments/ri.models.main.experiment.${uuid}`;
  const { body } = await platform.foundry('GET', `${address}?preview=true`);
  const table = (name: string, rowCount: number) => ({
    name,
    sizeBytes: files[name]?.length,
    details: { type: 'table', rowCount },
  });
  expect(at(body, 'artifacts')).toEqual({
    'data/predictions.parquet': table('data/predictions.parquet', 2),
    'eval.json': table('eval.json', 2),
  });
  const tables = `${address}/artifactTables`;
  const named = `${tables}/${encodeURIComponent('data/predictions.parquet')}`;
  expect(String(await bytesAt(`${named}/json?preview=true`))).toBe(
    '[{"id":1,"label":"größe 😀"},{"id":9007199254740993,"label":""}]',
  );
  expect(await bytesAt(`${named}/parquet?preview=true`)).toEqual(parquet);
  expect(JSON.parse(String(await bytesAt(`${tables}/eval.json/json?preview=true`)))).toEqual([
    { x: 1, y: null },
    { x: 0.1, y: 'ü' },
  ]);
  const file = new Uint8Array(await bytesAt(`${tables}/eval.json/parquet?preview=true`)).buffer;
  expect(await parquetReadObjects({ file })).toEqual([
    { x: 1, y: null },
    { x: 0.1, y: 'ü' },
  ]);
}

describe.each(Object.entries(writers))('files of a run of %s', (_name, write) => {
  it('are the same in every dialect that has files, to the byte', async () => {
    const names = await write();
    const tagged = { run_id: hex(names.uuid), ...namingTag };
    await platform.mlflow('POST', '/api/2.0/mlflow/runs/set-tag', tagged);
    await checkPolyaxon(names);
    await checkMlflow(names);
    await checkFoundry(names);
  });
});

describe('a run that is made of another', () => {
  it.each(['restart', 'resume', 'copy'])('by %s: Polyaxon and MLflow tell of which', async (kind) => {
    const names = await writers.Submarine();
    const { body } = await platform.polyaxon('POST', `${home}/${names.number}/${kind}`, {});
    const made = await namesOf(platform, dashed(String(at(body, 'uuid'))));
    const detail = (await platform.polyaxon('GET', `${home}/${made.number}`)).body;
    expect(detail).toMatchObject({ original: `root.Default.${names.number}`, is_clone: true });
    const seed = (await platform.mlflow('GET', `/api/v1/experiments/runs/${hex(made.uuid)}`)).body;
    expect(at(seed, 'tags')).toMatchObject({ 'franca.origin': hex(names.uuid) });
    const run = (await platform.mlflow('GET', `/api/2.0/mlflow/runs/get?run_id=${hex(made.uuid)}`)).body;
    const origin = { key: 'franca.origin', value: hex(names.uuid) };
    expect(at(run, 'run.data.tags')).toContainEqual(origin);
    // A copy gets its files when it starts, and nothing is started here.
    expect(await mlflow.read(platform, made)).toMatchObject({ files: kind === 'resume' ? sizes : {} });
  });
});
