import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunInput } from '../../src/core/dataset.js';
import type { LoggedModelId } from '../../src/core/ids.js';
import { type InputsOfRun, logInputs } from '../../src/services/inputs/log.js';
import { inputsOf } from '../../src/services/inputs/read.js';
import { searchDatasets } from '../../src/services/inputs/search.js';
import { createLoggedModel } from '../../src/services/logged-models/create.js';
import { linkedModels } from '../../src/services/logged-models/link.js';
import { createProject } from '../../src/services/projects/create.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { codeOf } from '../support/code-of.js';
import { aModel } from '../support/logged-models.js';
import { aProject, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
});

afterEach(() => bench.close());

const anInput = (name: string, context: string | null = null, digest = 'd'): RunInput => ({
  dataset: { name, digest, sourceType: 'local', source: '{}', schema: null, profile: null },
  context,
  tags: [],
});

const aRunIn = async (projectNumber: number) =>
  (await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber }))).run;

describe('inputs of runs', () => {
  it('are logged and read', async () => {
    const run = await aRunIn(0);
    const inputs = [anInput('b', 'training'), anInput('a')];
    const logged = await logInputs(bench.ctx, { id: run.id }, { datasets: inputs });
    expect(logged).toMatchObject({ id: run.id, heartbeatAt: expect.any(Number) });
    expect(await inputsOf(bench.store.read, [run.key])).toEqual(new Map([[run.key, inputs]]));
  });

  it('are refused whole for a dataset whose name or digest is too long', async () => {
    const run = await aRunIn(0);
    const log = (...inputs: RunInput[]) => logInputs(bench.ctx, { id: run.id }, { datasets: inputs });
    expect(await codeOf(log(anInput('fits'), anInput('n'.repeat(501))))).toBe('invalid');
    expect(await codeOf(log(anInput('n', null, 'd'.repeat(37))))).toBe('invalid');
    expect(await codeOf(log(anInput('fits'), anInput('\0')))).toBe('invalid');
    expect((await inputsOf(bench.store.read, [run.key])).size).toBe(0);
    await log(anInput('😀'.repeat(500), 'c', '😀'.repeat(36)));
    expect((await inputsOf(bench.store.read, [run.key])).get(run.key)).toHaveLength(1);
  });

  it('are stored with the models that the run reads, or nothing of both is', async () => {
    const run = await aRunIn(0);
    const log = (inputs: InputsOfRun) => logInputs(bench.ctx, { id: run.id }, inputs);
    const stored = async () => [
      (await inputsOf(bench.store.read, [run.key])).get(run.key) ?? [],
      ((await linkedModels(bench.store.read, [run.key])).get(run.key) ?? []).map((link) => link.modelId),
    ];
    const { model } = await createLoggedModel(bench.ctx, { number: 0 }, aModel());
    const unknown = { id: run.id as string as LoggedModelId };

    expect(await codeOf(log({ datasets: [anInput('a')], models: [model, unknown] }))).toBe('not_found');
    // The database refuses this one, after it has taken the model.
    expect(await codeOf(log({ datasets: [anInput('\0')], models: [model] }))).toBe('invalid');
    expect(await stored()).toEqual([[], []]);

    await log({ datasets: [anInput('a')], models: [model] });
    expect(await stored()).toEqual([[anInput('a')], [model.id]]);
  });

  it('are for those who may write, and read, the run', async () => {
    const run = await aRunIn(0);
    const reader = await bench.as('reader', 'reader');
    const stranger = await bench.as('stranger', null);
    expect(await codeOf(logInputs(reader, { id: run.id }, { datasets: [anInput('a')] }))).toBe('forbidden');
    expect(await codeOf(searchDatasets(stranger, [{ number: 0 }]))).toBe('forbidden');
    expect(await searchDatasets(reader, [{ number: 0 }])).toEqual([]);
  });
});

describe('datasets', () => {
  it('are found in the projects that are named, where there are such', async () => {
    const { number } = (await createProject(bench.ctx, aProject())).project;
    for (const projectNumber of [0, number])
      await logInputs(
        bench.ctx,
        { id: (await aRunIn(projectNumber)).id },
        { datasets: [anInput('a', 'training'), anInput(`of ${projectNumber}`)] },
      );
    const found = async (...numbers: number[]) =>
      (
        await searchDatasets(
          bench.ctx,
          numbers.map((each) => ({ number: each })),
        )
      ).map(({ project, name, context }) => [project.number, name, context]);
    const first = [
      [0, 'a', 'training'],
      [0, 'of 0', null],
    ];
    const second = [
      [number, 'a', 'training'],
      [number, `of ${number}`, null],
    ];
    expect(await found(0)).toEqual(first);
    expect(await found(number, 0, 99, 0)).toEqual([...first, ...second]);
    expect(await found(99)).toEqual([]);
    expect(await found()).toEqual([]);
  });

  it('are a thousand at most', async () => {
    const run = await aRunIn(0);
    const inputs = Array.from({ length: 1_010 }, (_, index) => anInput(`n${index}`));
    await logInputs(bench.ctx, { id: run.id }, { datasets: inputs });
    const found = await searchDatasets(bench.ctx, [{ number: 0 }]);
    expect(found.map(({ name }) => name).sort()).toHaveLength(1_000);
  });
});
