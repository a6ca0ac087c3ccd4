import { renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, vi } from 'vitest';
import type { RawRequest } from '../../support/raw-http.js';
import { foundryRun, polyaxonRun, proxied } from '../doors.js';
import { type Face, refusal } from '../faces.js';
import { type Attack, notFitting, type Row, type Tried } from '../matrix.js';
import { routesOf } from '../routes.js';
import type { AttackSite, Names } from '../site.js';

/** Requests that read and write the attacked run. */
const requestsOf: Readonly<Record<Exclude<Face, 'gateway'>, (names: Names) => readonly RawRequest[]>> = {
  polyaxon: () => [
    { method: 'GET', path: polyaxonRun },
    { method: 'GET', path: '/api/v1/root/p/experiments' },
    { method: 'POST', path: '/api/v1/root/p/experiments', body: '{"is_managed":false}' },
    { method: 'POST', path: `${polyaxonRun}/metrics`, body: '{"values":{"a":1}}' },
  ],
  submarine: ({ submarine }) => [
    { method: 'GET', path: `/api/v1/experiment/${submarine}` },
    { method: 'GET', path: `/api/v1/experiment/logs/${submarine}` },
    { method: 'DELETE', path: `/api/v1/experiment/${submarine}` },
  ],
  mlflow: ({ run, experiment }) => [
    { method: 'GET', path: `/api/2.0/mlflow/runs/get?run_id=${run}` },
    {
      method: 'POST',
      path: '/ajax-api/2.0/mlflow/runs/search',
      body: `{"experiment_ids":["${experiment}"]}`,
    },
    {
      method: 'POST',
      path: '/api/2.0/mlflow/runs/log-parameter',
      body: `{"run_id":"${run}","key":"k","value":"v"}`,
    },
  ],
  seed: ({ run, experiment }) => [
    { method: 'GET', path: `/api/v1/experiments/runs/${run}` },
    { method: 'GET', path: `/api/v1/experiments/runs?experiment_id=${experiment}` },
    { method: 'POST', path: `/api/v1/experiments/runs/${run}/end` },
  ],
  foundry: (names) => [
    { method: 'GET', path: `${foundryRun(names)}?preview=true` },
    { method: 'GET', path: `${foundryRun(names)}/series/loss/json?preview=true` },
  ],
};

/** Takes a table away below the running server, and puts it back. */
async function withoutRuns(site: AttackSite, work: () => Promise<void>): Promise<void> {
  const database = new Database(join(site.server.dataFolder, 'franca.db'));
  try {
    // References to the table stay as they are.
    database.pragma('legacy_alter_table = on');
    database.exec('alter table run rename to gone');
    await work();
  } finally {
    database.exec('alter table gone rename to run');
    database.close();
  }
}

/** The database fails: what is told is an id, by which the operator finds the rest in the log. */
const failing =
  (face: keyof typeof requestsOf): Tried =>
  (site) =>
    withoutRuns(site, async () => {
      for (const request of requestsOf[face](site.names)) {
        const id = `insides-${face}`;
        const answer = await site.send({ ...request, headers: { 'X-Request-Id': id } });
        expect([request.path, answer.http]).toEqual([request.path, 500]);
        const told = refusal(face, answer);
        if (face !== 'foundry') expect(told).toContain(id);
        expect(told).toMatch(/internal/i);
        expect(told.length).toBeLessThan(300);
        const logged = () =>
          site.server
            .output()
            .split('\n')
            .filter((line) => line.includes(`"requestId":"${id}"`));
        await vi.waitFor(() => expect(logged().join()).toContain('no such table'));
      }
    });

/** The folder of files fails. */
const withoutFiles =
  (
    face: 'polyaxon' | 'mlflow' | 'seed' | 'foundry',
    requests: (names: Names) => readonly RawRequest[],
  ): Tried =>
  async (site) => {
    // A file stands where the folder of all files was.
    const folder = join(site.server.dataFolder, 'artifacts');
    renameSync(folder, `${folder}.away`);
    try {
      for (const request of requests(site.names)) {
        const answer = await site.send(request);
        expect([request.path, answer.http]).toEqual([request.path, 404]);
        refusal(face, answer);
      }
    } finally {
      renameSync(`${folder}.away`, folder);
    }
  };

const odd = ["'", '%', '__proto__'];

/** Every route, with odd texts for all that its path names and in its query. */
const oddly =
  (face: Face): Tried =>
  async (site) => {
    // What is served at the address of pages is the same.
    const routes = (await routesOf(face, site)).filter(
      ({ method, path }) => method === 'GET' && !path.startsWith('/ajax-api/'),
    );
    expect(routes.length).toBeGreaterThan(0);
    for (const { path } of routes)
      for (const text of odd) {
        const name = encodeURIComponent(text);
        const [plain = ''] = path.split('?');
        const last = plain.replace(/[^/]*$/, name);
        for (const at of [
          last,
          `${plain}?preview=true&path=${name}&id=${name}&run_id=${name}&limit=${name}`,
        ]) {
          const answer = await site.send({ method: 'GET', path: at });
          // What a client may ask and this server does not do is 501, as it is for MLflow.
          expect([at, answer.http < 500 || answer.http === 501]).toEqual([at, true]);
          if (answer.http >= 400 && face !== 'gateway') expect(answer.text.length).toBeLessThan(10_000);
        }
      }
  };

export const insides: Row = {
  title: 'errors that show SQL, paths or stack traces',
  breaks: true,
  attacks: [
    {
      name: 'a database that fails',
      cells: {
        polyaxon: failing('polyaxon'),
        submarine: failing('submarine'),
        mlflow: failing('mlflow'),
        seed: failing('seed'),
        foundry: failing('foundry'),
        gateway: notFitting('asks the database only whether it is there'),
      },
    },
    {
      name: 'files that are away',
      cells: {
        polyaxon: withoutFiles('polyaxon', () => [
          { method: 'GET', path: `${polyaxonRun}/outputs/files?path=model/weights` },
          { method: 'GET', path: `${polyaxonRun}/outputs/tree?path=model` },
        ]),
        submarine: notFitting('serves no files'),
        mlflow: withoutFiles('mlflow', (names) => [
          { method: 'GET', path: `/get-artifact?run_id=${names.run}&path=model/weights` },
          ...proxied(names).map((root) => ({ method: 'GET', path: `${root}/model/weights` })),
        ]),
        seed: notFitting('reads no files'),
        foundry: withoutFiles('foundry', (names) => [
          { method: 'GET', path: `${foundryRun(names)}/artifactTables/t.parquet/json?preview=true` },
          { method: 'GET', path: `${foundryRun(names)}/artifactTables/t.parquet/parquet?preview=true` },
        ]),
        gateway: notFitting('serves no files'),
      },
    },
    {
      name: 'odd texts at every route',
      cells: {
        polyaxon: oddly('polyaxon'),
        submarine: oddly('submarine'),
        mlflow: oddly('mlflow'),
        seed: oddly('seed'),
        foundry: oddly('foundry'),
        gateway: oddly('gateway'),
      } satisfies Attack['cells'],
    },
  ],
};
