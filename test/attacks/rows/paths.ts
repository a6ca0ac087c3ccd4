import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  type Door,
  form,
  foundryReads,
  gatewayReads,
  mlflowReads,
  mlflowWrites,
  namesDots,
  polyaxonReads,
  polyaxonRun,
  proxied,
  seedUpload,
  submarineIds,
} from '../doors.js';
import type { Face } from '../faces.js';
import { type Attack, others, type Row, type Tried } from '../matrix.js';
import type { AttackSite, Names } from '../site.js';

/** The doors of each face, and what is answered where what is asked for is merely not there. */
const doorsOf: Readonly<Record<Face, { doors: (names: Names) => readonly Door[]; missing: number | null }>> =
  {
    polyaxon: { doors: () => polyaxonReads, missing: null },
    // Ids: whatever cannot be one is not there.
    submarine: { doors: () => submarineIds, missing: 404 },
    mlflow: { doors: (names) => [...mlflowReads(names), ...mlflowWrites(names)], missing: null },
    seed: { doors: (names) => [seedUpload(names)], missing: null },
    foundry: { doors: foundryReads, missing: null },
    gateway: { doors: () => gatewayReads, missing: 404 },
  };

/** Asks for each path at each door: the field is named, or the whole address where that is refused before. */
function climbing(face: Face, forms: readonly string[]): Tried {
  return async (site) => {
    const { doors, missing } = doorsOf[face];
    for (const { field, request } of doors(site.names)) {
      for (const path of forms) {
        const sent = request(path);
        const words = namesDots(sent)
          ? 'must not contain the names . and ..'
          : /%00|%c0/.test(path)
            ? 'the URL is not percent-encoded UTF-8 without NUL'
            : field;
        const status = words === field && missing !== null ? missing : 400;
        await site.refused(face, sent, { status, words });
      }
    }
  };
}

const everywhere = (forms: readonly string[], more: Partial<Record<Face, Tried>> = {}) =>
  others({}, (face) => async (site) => {
    await climbing(face, forms)(site);
    await more[face]?.(site);
  });

/** An address that climbs above a run must not be taken for that of its project, which would be deleted. */
const deletions: Tried = async (site) => {
  for (const path of [`${polyaxonRun}/..`, `${polyaxonRun}/%2e%2E`, '/api/v1/root/p/.', '/api/v1/root/p#/x'])
    await site.refused('polyaxon', { method: 'DELETE', path }, { status: 400, words: 'must not contain' });
};

/** The name of a file in a form: of one with folders, as old browsers send it, only the last part counts. */
const fileNames: Tried = async (site) => {
  const path = `/api/v1/experiments/runs/${site.names.run}/log-artifact`;
  for (const name of ['..', '.', '../..', ''])
    await site.refused(
      'seed',
      { method: 'POST', path, ...form('file', name, 'x') },
      { status: 400, words: 'file' },
    );
  const stored = await site.send({ method: 'POST', path, ...form('file', '../../../franca.db', 'x') });
  expect(JSON.parse(stored.text)).toMatchObject({ path: 'franca.db' });
  await removed(site, 'franca.db');
};

async function removed(site: AttackSite, name: string): Promise<void> {
  const [root = ''] = proxied(site.names);
  expect(existsSync(join(site.outputs, name))).toBe(true);
  const path = `${root}/${encodeURIComponent(name)}`;
  expect((await site.send({ method: 'DELETE', path })).http).toBe(200);
}

/** What is encoded twice is a name with signs of percent in it, which lies where it should. */
const twice = ['%252e%252e%252fx', '%252e%252e%252f%252e%252e%252ffranca.db'];

const notThere =
  (face: Face, doors: (names: Names) => readonly Door[], words: string): Tried =>
  async (site) => {
    for (const { request } of doors(site.names))
      for (const path of twice) await site.refused(face, request(path), { status: 404, words });
  };

const literal: Attack['cells'] = {
  polyaxon: notThere('polyaxon', () => polyaxonReads, 'artifact not found'),
  submarine: climbing('submarine', twice),
  foundry: notThere('foundry', foundryReads, 'ExperimentArtifactNotFound'),
  gateway: climbing('gateway', twice),
  async mlflow(site) {
    for (const root of proxied(site.names)) {
      for (const name of twice) {
        const at = { path: `${root}/${name}` };
        expect((await site.send({ method: 'PUT', ...at, body: 'x', type: null })).http).toBe(200);
        expect(await site.send({ method: 'GET', ...at })).toMatchObject({ http: 200, text: 'x' });
        if (root.includes(site.names.run))
          expect(existsSync(join(site.outputs, decodeURIComponent(name)))).toBe(true);
        expect((await site.send({ method: 'DELETE', ...at })).http).toBe(200);
        const gone = { status: 404, words: 'RESOURCE_DOES_NOT_EXIST' };
        await site.refused('mlflow', { method: 'GET', ...at }, gone);
      }
    }
  },
  async seed(site) {
    for (const name of twice) {
      const stored = await site.send(seedUpload(site.names).request(name));
      expect(JSON.parse(stored.text)).toMatchObject({ path: `${decodeURIComponent(name)}/x` });
      await removed(site, decodeURIComponent(name));
    }
  },
};

/** What there is can be had: else that nothing else can would prove nothing. */
const present: Attack['cells'] = {
  async polyaxon(site) {
    const [tree, file] = polyaxonReads;
    expect(JSON.parse((await site.send(tree?.request('') ?? never())).text)).toEqual({
      files: [['t.parquet', expect.any(Number)]],
      dirs: ['model'],
    });
    expect((await site.send(file?.request('model/weights') ?? never())).text).toBe('weights');
  },
  async submarine(site) {
    const path = `/api/v1/experiment/${site.names.submarine}`;
    expect((await site.send({ method: 'GET', path })).http).toBe(200);
  },
  async mlflow({ names, send }) {
    for (const path of [
      `/get-artifact?run_id=${names.run}&path=model/weights`,
      ...proxied(names)
        .filter((root) => root.includes(names.run))
        .map((root) => `${root}/model/weights`),
    ])
      expect((await send({ method: 'GET', path })).text).toBe('weights');
  },
  async seed(site) {
    expect((await site.send(seedUpload(site.names).request('model/'))).text).toContain('"path":"model/x"');
    await removed(site, 'model/x');
  },
  async foundry(site) {
    for (const { request } of foundryReads(site.names))
      expect((await site.send(request('t.parquet'))).http).toBe(200);
  },
  async gateway({ send }) {
    expect((await send({ method: 'GET', path: '/openapi/mlflow.json' })).http).toBe(200);
  },
};

const above = ['/../../../../../../etc/passwd', '/%2e%2e/%2e%2E/franca.db', '/./x', '/x/..'];

/** Addresses below those of a face: it is the one to answer, though they lead elsewhere. */
const addressesBelow =
  (face: Face, ...bases: readonly string[]): Tried =>
  async ({ refused }) => {
    for (const base of bases)
      for (const end of above)
        for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
          await refused(face, { method, path: base + end }, { status: 400, words: 'the names . and ..' });
  };

const addresses: Attack['cells'] = {
  async polyaxon(site) {
    await addressesBelow('polyaxon', `${polyaxonRun}/outputs`, '/tensorboard/root/p', '/ws/v1/root')(site);
    for (const name of ['..%2fp', '%252e%252e', 'p%5c..%5cp', '%23', '%3f'])
      for (const path of [`/api/v1/root/${name}/experiments`, `/api/v1/${name}/p/repo/download`])
        await site.refused('polyaxon', { method: 'GET', path }, { status: 404, words: 'Not found.' });
  },
  submarine: addressesBelow('submarine', '/api/v1/experiment', '/api/v1/template/x', '/api/auth/token'),
  mlflow: addressesBelow('mlflow', '/api/2.0/mlflow/runs', '/ajax-api/2.0/mlflow', '/get-artifact'),
  seed: addressesBelow('seed', '/api/v1/experiments', '/api/v1/experiments/runs'),
  foundry: addressesBelow('foundry', '/api/v2/models/x', '/api/v2'),
  async gateway(site) {
    await addressesBelow('gateway', '/openapi', '/health', '')(site);
    for (const path of ['/etc/passwd', '//etc/passwd', '/franca.db'])
      await site.refused('gateway', { method: 'GET', path }, { status: 404, words: 'there is no GET' });
  },
};

function never(): never {
  throw new Error('there are two doors');
}

export const paths: Row = {
  title: 'path climbing in upload, download and list',
  attacks: [
    { name: 'none at all', cells: present },
    {
      name: '..',
      cells: everywhere(['..', '../x', '../../../franca.db', 'model/../../x', './model/weights'], {
        polyaxon: deletions,
        seed: fileNames,
      }),
    },
    { name: 'an address that climbs', cells: addresses },
    { name: '%2e%2e', cells: everywhere(['%2e%2e', '%2E%2e%2fx', '..%2f..%2ffranca.db', '%c0%ae%c0%ae/x']) },
    { name: 'encoded twice', cells: literal },
    { name: 'a backslash', cells: everywhere(['..%5cx', 'model%5c..%5c..%5cfranca.db']) },
    { name: '#', cells: everywhere(['a%23/../../x', '%23/../../franca.db']) },
    { name: '?', cells: everywhere(['a%3F/../../x', '%3f/../../franca.db']) },
    {
      name: 'an absolute path',
      cells: everywhere(['%2Fetc%2Fpasswd', '//etc/passwd', 'file:///etc/passwd', '~root']),
    },
    { name: 'NUL', cells: everywhere(['%00', 'model/weights%00', '..%00/x']) },
  ],
};
