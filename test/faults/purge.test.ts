import { join } from 'node:path';
import Database from 'better-sqlite3';
import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import { artifactPath, codeRoot } from '../../src/core/artifact-path.js';
import type { LoggedModelId, RunId } from '../../src/core/ids.js';
import { purgePoints } from '../../src/core/ports/index.js';
import { openStore } from '../../src/store/open.js';
import { bytesOf } from '../conformance/artifacts/tar.js';
import { aPoint } from '../conformance/store/fixtures.js';
import { aModel, measured } from '../support/logged-models.js';
import type { RunningServer } from '../support/server.js';
import { installTensorboard } from '../support/tensorboard.js';
import {
  createSite,
  type Experiment,
  eventually,
  get,
  leftovers,
  list,
  processesWith,
  query,
  remove,
  rowsOfRun,
  type Site,
  submit,
} from './support.js';

let site: Site;
let path: string;

beforeEach(async () => {
  site = await createSite();
  ({ path } = installTensorboard(site.folder));
});

afterEach(() => site.remove());

const start = (env: Record<string, string> = {}) => site.start({ PATH: path, ...env });

/** Prints, puts files out, and goes on until it is ended; so does its grandchild in a session of its own. */
const job = `
mkdir -p "$FRANCA_OUTPUTS_PATH/model"
echo weights > "$FRANCA_OUTPUTS_PATH/model/weights"
setsid sh -c 'while :; do sleep 0.1; done' &
echo up
echo up >> "$WITNESS"
while :; do sleep 0.1; done
`;

const dataset = {
  name: 'd',
  digest: '1',
  sourceType: 'local',
  source: '{}',
  schema: null,
  profile: null,
};

/**
 * Gives a run what Submarine's API cannot: a service, metrics, params, tags, a dataset, a model, a mark and uploaded
 * code. Gives its key.
 */
async function furnish(uid: string): Promise<number> {
  const started = await fetch(`${site.url}/api/v1/root/Default/experiments/1/tensorboard/start`, {
    method: 'POST',
  });
  expect(started.status).toBe(201);
  const now = () => Date.now() * 1000;
  const store = await openStore({ dataFolder: site.dataFolder, url: null, now });
  try {
    const run = await store.read.runs.find(uid as RunId);
    const user = await store.read.accounts.findUser('root');
    if (run === null || user === null) throw new Error('the run and its user are there');
    await store.transaction(async (tx) => {
      await tx.params.upsert(run.key, [{ key: 'lr', type: 'double', text: '0.5', number: 0.5 }]);
      await tx.tags.upsert(run.key, [{ key: 'a', value: 'b' }]);
      await tx.metrics.append(run.key, [aPoint('loss', 1, { worker: 'worker-1' })], now());
      await tx.inputs.add(run, [{ dataset, context: 'training', tags: [] }]);
      const model = await tx.loggedModels.insert({
        ...aModel(),
        id: v7() as LoggedModelId,
        projectKey: run.projectKey,
        sourceRunKey: run.key,
        createdBy: run.createdBy,
        createdAt: now(),
      });
      await tx.measurements.add(model.key, run.key, [measured(1)]);
      await tx.modelLinks.add(run.key, [{ direction: 'output', modelKey: model.key, step: 0n }]);
      await tx.bookmarks.setRun(user.key, run.key, true, now());
    });
    const code = codeRoot(v7());
    const artifacts = createFolderArtifactStore(join(site.dataFolder, 'artifacts'));
    await artifacts.write(code, artifactPath('main.py'), bytesOf('pass'));
    const database = new Database(join(site.dataFolder, 'franca.db'));
    database.prepare('update run set code_root = ? where key = ?').run(code, run.key);
    database.close();
    return run.key;
  } finally {
    await store.close();
  }
}

/** The run shows everything that its removal must not forget. */
function expectEverythingThere({ uid }: Experiment, key: number): void {
  const rows = rowsOfRun(site, key);
  expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([]);
  const files = leftovers(site);
  for (const part of [/^artifacts.code-.*main.py$/, /^logs/, /^local/]) {
    expect(files.filter((name) => part.test(name))).not.toEqual([]);
  }
  expect(files).toContain(join('artifacts', uid, 'model', 'weights'));
}

async function expectNothingLeft(key: number, running: RunningServer): Promise<void> {
  await eventually(async () => {
    expect(processesWith(site.folder).filter((pid) => pid !== running.pid)).toEqual([]);
    expect(leftovers(site)).toEqual([]);
    expect(query(site, 'select key from run')).toEqual([]);
    expect(Object.entries(rowsOfRun(site, key)).filter(([, count]) => count > 0)).toEqual([]);
  });
}

describe('a run that is deleted while it runs, with the server killed at a named point of its removal', () => {
  it.each(purgePoints)('%s: no process, no file, no row is left, and who did it is known', async (point) => {
    const cmd = await site.script('job.sh', job);
    const first = await start({ FRANCA_TEST_CRASH: point });
    const envVars = { WITNESS: site.witnessFile };
    const experiment = await submit(first.url, { name: 'doomed', cmd, envVars }, 'key-1');
    await eventually(async () => expect(await site.witness()).toEqual(['up']));
    const key = await furnish(experiment.uid);
    await eventually(async () => expectEverythingThere(experiment, key));

    expect((await remove(first.url, experiment.experimentId)).status).toBe(200);
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const second = await start();
    await expect(get(second.url, experiment.experimentId)).rejects.toThrow('404');
    await expectNothingLeft(key, second);
    await eventually(async () => expect(await list(second.url)).toEqual([]));
    expect(
      query(site, `select action from audit_event where entity = 'run ${experiment.uid}' order by key`),
    ).toEqual([{ action: 'create' }, { action: 'delete' }]);
  });
});
