import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactPath, modelRoot } from '../../src/core/artifact-path.js';
import { type LoggedModelId, uuidToHex } from '../../src/core/ids.js';
import type { Measurement } from '../../src/core/logged-model.js';
import type { Run } from '../../src/core/model.js';
import { listArtifacts } from '../../src/services/artifacts/list.js';
import { readArtifact } from '../../src/services/artifacts/read.js';
import { writeArtifact } from '../../src/services/artifacts/write.js';
import { purgeFiles, purgeRun } from '../../src/services/lifecycle/purge.js';
import { purgeModels, removeLostModels } from '../../src/services/lifecycle/purge-models.js';
import { createLoggedModel, type NewModelInput } from '../../src/services/logged-models/create.js';
import { getLoggedModel } from '../../src/services/logged-models/get.js';
import { linkedModels, linkModels } from '../../src/services/logged-models/link.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { trashProject } from '../../src/services/projects/trash.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { logBatch } from '../../src/services/runs/log-batch.js';
import { trashRun } from '../../src/services/runs/trash.js';
import { bytesOf } from '../conformance/artifacts/tar.js';
import { codeOf } from '../support/code-of.js';
import { aModel, measured } from '../support/logged-models.js';
import { aProject, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let run: Run;

const project = { number: 1 };
const path = artifactPath('MLmodel');

beforeEach(async () => {
  bench = await createBench();
  await createProject(bench.ctx, aProject());
  run = (await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber: 1 }))).run;
});

afterEach(() => bench.close());

async function create(fields: Partial<NewModelInput> = {}): Promise<LoggedModelId> {
  return (await createLoggedModel(bench.ctx, project, aModel(fields))).model.id;
}

const measure = (modelId: LoggedModelId, ...measurements: readonly Measurement[]) =>
  logBatch(
    bench.ctx,
    { id: run.id },
    { measurements: measurements.map((each) => ({ modelId, measurement: each })) },
  );

async function purge(purged: Run): Promise<void> {
  await purgeFiles(bench.ports, purged);
  await purgeRun(bench.ports, purged.key);
}

describe('the models of a run', () => {
  it('are linked once each, by direction and step, in the order in which they came', async () => {
    const [a, b] = [await create({ name: 'a' }), await create({ name: 'b' })];
    const ref = { id: run.id };
    await linkModels(bench.ctx, ref, 'input', [{ id: b }, { id: b }]);
    await linkModels(bench.ctx, ref, 'output', [
      { id: a, step: 2n ** 62n },
      { id: a, step: 3n },
    ]);
    await linkModels(bench.ctx, ref, 'output', [{ id: a, step: 3n }]);
    const links = (await linkedModels(bench.store.read, [run.key])).get(run.key) ?? [];
    expect(links.map(({ direction, modelId, step }) => [direction, modelId, step])).toEqual([
      ['input', b, 0n],
      ['output', a, 2n ** 62n],
      ['output', a, 3n],
    ]);
    const unknown = [{ id: a }, { id: run.id as string as LoggedModelId }];
    expect(await codeOf(linkModels(bench.ctx, ref, 'input', unknown))).toBe('not_found');
  });

  it('are not written by a trashed run', async () => {
    const id = await create();
    await trashRun(bench.ctx, { id: run.id });
    const seeing = { ...bench.ctx, seesTrash: true };
    expect(await codeOf(linkModels(seeing, { id: run.id }, 'input', [{ id }]))).toBe('trashed');
    const measurements = [{ modelId: id, measurement: measured(1) }];
    expect(await codeOf(logBatch(seeing, { id: run.id }, { measurements }))).toBe('trashed');
  });

  it('outlive it, without what it measured', async () => {
    const id = await create({ sourceRef: run.id });
    const other = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    await measure(id, measured(0.9, { timestampMs: 9n }), measured(0.4, { key: 'only' }));
    await logBatch(
      bench.ctx,
      { id: other.id },
      { measurements: [{ modelId: id, measurement: measured(0.2) }] },
    );
    await linkModels(bench.ctx, { id: run.id }, 'output', [{ id }]);
    await deleteRun(bench.ctx, { id: run.id });
    await purge(run);
    const view = await getLoggedModel(bench.ctx, id);
    expect(view).toMatchObject({
      model: { sourceRunKey: null, sourceRef: uuidToHex(run.id) },
      sourceRun: null,
    });
    expect(view.measurements).toEqual([{ ...measured(0.2), runKey: other.key, runId: other.id }]);
    expect((await linkedModels(bench.store.read, [run.key])).size).toBe(0);
  });
});

describe('the files of a model', () => {
  const fileOf = (id: LoggedModelId) => join(bench.folder, 'artifacts', modelRoot(id));

  it('are written, listed and read by the model', async () => {
    const ref = { model: await create() };
    await writeArtifact(bench.ctx, ref, path, bytesOf('flavors'));
    for await (const batch of await listArtifacts(bench.ctx, ref, null))
      expect(batch).toMatchObject([{ path: 'MLmodel', size: 7 }]);
    const content = await readArtifact(bench.ctx, ref, path);
    expect(content.size).toBe(7);
    await content.close();
    expect(existsSync(fileOf(ref.model))).toBe(true);
  });

  it('go with their project, and with them its row; a repeat goes on where the last one was cut short', async () => {
    const ids = [await create(), await create(), await create()];
    for (const id of ids) await writeArtifact(bench.ctx, { model: id }, path, bytesOf('x'));
    const deleted = await deleteProject(bench.ctx, project);
    expect(bench.wokenProjects).toEqual([deleted.key]);
    for (const id of ids) expect(await codeOf(getLoggedModel(bench.ctx, id))).toBe('not_found');
    expect(await bench.store.read.projects.withModelsToPurge()).toEqual([deleted.key]);
    await purge(run);
    let removals = 0;
    const failing = {
      ...bench.ports,
      artifacts: {
        ...bench.artifacts,
        remove: async (...args: Parameters<typeof bench.artifacts.remove>) => {
          removals += 1;
          if (removals === 2) throw new Error('the disk is away');
          return bench.artifacts.remove(...args);
        },
      },
    };
    await expect(purgeModels(failing, deleted.key)).rejects.toThrow('the disk is away');
    expect(await bench.store.read.projects.find(deleted.key)).not.toBeNull();
    await purgeModels(bench.ports, deleted.key);
    for (const id of ids) expect(existsSync(fileOf(id))).toBe(false);
    expect(await bench.store.read.projects.find(deleted.key)).toBeNull();
    expect(await bench.store.read.projects.withModelsToPurge()).toEqual([]);
    await purgeModels(bench.ports, deleted.key);
  });

  it('stay while the project is not deleted for good', async () => {
    const id = await create();
    await writeArtifact(bench.ctx, { model: id }, path, bytesOf('x'));
    const { project: home } = await getLoggedModel(bench.ctx, id);
    await trashProject(bench.ctx, project);
    await purgeModels(bench.ports, home.key);
    expect(existsSync(fileOf(id))).toBe(true);
  });

  it('that come after the deletion leave nothing', async () => {
    const id = await create();
    async function* late() {
      yield Buffer.from('x');
      const { key } = await deleteProject(bench.ctx, project);
      await purgeModels(bench.ports, key);
    }
    expect(await codeOf(writeArtifact(bench.ctx, { model: id }, path, late()))).toBe('not_found');
    expect(existsSync(fileOf(id))).toBe(false);
  });

  it('that nobody names any more are found at the next start', async () => {
    const id = await create();
    await writeArtifact(bench.ctx, { model: id }, path, bytesOf('x'));
    const lost = modelRoot(run.id as string as LoggedModelId);
    await bench.artifacts.write(lost, path, bytesOf('x'));
    await removeLostModels(bench.ports);
    expect(existsSync(join(bench.folder, 'artifacts', lost))).toBe(false);
    expect(existsSync(fileOf(id))).toBe(true);
  });
});
