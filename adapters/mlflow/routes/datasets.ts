import { z } from '@hono/zod-openapi';
import type { DatasetUse } from '../../../src/core/dataset.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { logInputs } from '../../../src/services/inputs/log.js';
import { searchDatasets } from '../../../src/services/inputs/search.js';
import { toRunInput } from '../translate/dataset.js';
import { projectNumberOf } from '../translate/experiment.js';
import { modelIdOf } from '../translate/logged-model.js';
import { datasetUsed } from '../wire/dataset.js';
import { modelUse } from '../wire/logged-model.js';
import { listOf, missing, nothing, requiredText } from '../wire/values.js';
import { at, jsonBody, runRefOf } from './common.js';

const tag = 'datasets';

/** How many experiments one search may name (`mlflow.server.handlers`), and how many datasets one batch has. */
const most = { experiments: 20, datasets: 1000 } as const;

const inputs = z
  .object({
    run_id: requiredText,
    datasets: listOf(datasetUsed).refine(
      (list) => list.length <= most.datasets,
      `must not have more than ${most.datasets} items`,
    ),
    models: listOf(modelUse),
  })
  .openapi('LogInputs');

const search = z
  .object({
    experiment_ids: listOf(z.string('must be a text'))
      .refine((ids) => ids.length > 0, missing)
      .refine((ids) => ids.length <= most.experiments, `must not have more than ${most.experiments} items`),
  })
  .openapi('SearchDatasets');

const summaries = z
  .object({
    dataset_summaries: z.array(
      z
        .object({
          experiment_id: z.string(),
          name: z.string(),
          digest: z.string(),
          context: z.string().optional(),
        })
        .openapi('DatasetSummary'),
    ),
  })
  .openapi('SearchDatasetsResponse');

/** Documented and served: datasets that runs used. */
export const datasetRoutes = {
  log: {
    method: 'post',
    ...at('/runs/log-inputs'),
    operationId: 'logInputs',
    tag,
    summary: 'Log the datasets that a run used',
    body: jsonBody(inputs),
    answers: { 200: { description: 'They are stored.', schema: nothing } },
  },
  search: {
    method: 'post',
    ...at('/experiments/search-datasets'),
    operationId: 'searchDatasets',
    tag,
    summary: 'List the datasets of experiments',
    body: jsonBody(search),
    answers: { 200: { description: 'Each dataset once in each context.', schema: summaries } },
  },
} as const;

/** The order in which the real server shows them. */
function byName(a: DatasetUse, b: DatasetUse): number {
  const keys = [a, b].map(({ name, digest, context }) =>
    Buffer.from([name, digest, context ?? ''].join('\0')),
  );
  return Buffer.compare(keys[0] ?? Buffer.of(), keys[1] ?? Buffer.of());
}

/** Adds the routes of datasets. */
export function addDatasetRoutes({ add, answer }: DialectApp): void {
  add(datasetRoutes.log, async ({ body }, ctx, c) => {
    const ref = runRefOf(body.run_id);
    const models = body.models.map(({ model_id }) => ({ id: modelIdOf(model_id) }));
    await logInputs(ctx, ref, { datasets: body.datasets.map(toRunInput), models });
    return answer(c, {});
  });

  add(datasetRoutes.search, async ({ body }, ctx, c) => {
    const refs = body.experiment_ids.map((id) => ({ number: projectNumberOf(id, 'experiment_ids') }));
    const found = await searchDatasets(ctx, refs);
    return answer(c, {
      dataset_summaries: found.toSorted(byName).map(({ project, name, digest, context }) => ({
        experiment_id: String(project.number),
        name,
        digest,
        ...(context === null ? {} : { context }),
      })),
    });
  });
}
