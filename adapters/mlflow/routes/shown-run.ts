import { notFound } from '../../../src/core/errors.js';
import type { Run } from '../../../src/core/model.js';
import type { Context } from '../../../src/services/context.js';
import { inputsOf } from '../../../src/services/inputs/read.js';
import { linkedModels } from '../../../src/services/logged-models/link.js';
import { recordedRuns } from '../../../src/services/runs/recorded.js';
import { fromRunInput } from '../translate/dataset.js';
import { fromLinks } from '../translate/logged-model.js';
import { fromRun } from '../translate/run.js';
import type { RunWire } from '../wire/run.js';

/** Runs as they stand in answers, with one query a table. */
export async function showRuns(ctx: Context, runs: readonly Run[]): Promise<readonly RunWire[]> {
  const { read } = ctx.ports.store;
  const keys = runs.map((run) => run.key);
  const [recorded, inputs, links] = await Promise.all([
    recordedRuns(read, runs),
    inputsOf(read, keys),
    linkedModels(read, keys),
  ]);
  return recorded.map((one) =>
    fromRun({
      ...one,
      datasets: (inputs.get(one.run.key) ?? []).map(fromRunInput),
      models: fromLinks(links.get(one.run.key) ?? []),
    }),
  );
}

/** A run as it stands in answers. */
export async function showRun(ctx: Context, run: Run): Promise<RunWire> {
  const [shown] = await showRuns(ctx, [run]);
  if (shown === undefined) throw notFound('project');
  return shown;
}
