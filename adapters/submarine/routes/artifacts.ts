import { CoreError } from '../../../src/core/errors.js';
import type { ArtifactEntry } from '../../../src/core/ports/index.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { listArtifacts } from '../../../src/services/artifacts/list.js';
import { accessRun } from '../../../src/services/runs/find.js';
import { artifactAddress } from '../translate/artifacts.js';
import { experimentIdOf } from '../translate/ids.js';
import { succeeded } from '../wire/envelope.js';
import { artifactListResponse } from '../wire/experiment.js';
import { experimentParams, runRefOf } from './common.js';

/** Documented and served: the files of experiments. */
export const artifactRoutes = {
  list: {
    method: 'get',
    path: '/api/v1/experiment/artifacts/{id}',
    operationId: 'listArtifacts',
    tag: 'experiment',
    summary: 'List the artifacts of an experiment',
    description: 'Empty for an experiment without artifacts, and for an id that names none.',
    params: experimentParams,
    answers: { 200: { description: 'Their addresses.', schema: artifactListResponse } },
  },
} as const;

/** Adds the route of artifacts. */
export function addArtifactRoutes({ add, answer, stream }: DialectApp): void {
  add(artifactRoutes.list, async ({ params }, ctx, c) => {
    try {
      const run = await accessRun(ctx, runRefOf(ctx, params.id), 'read');
      const batches = await listArtifacts(ctx, { key: run.key }, null);
      return stream(c, succeeded(addressesIn(batches, experimentIdOf(run.key, ctx.ports.store.createdAtMs))));
    } catch (error) {
      if (error instanceof CoreError && error.code === 'not_found') return answer(c, succeeded([]));
      throw error;
    }
  });
}

async function* addressesIn(
  batches: AsyncIterable<readonly ArtifactEntry[]>,
  experimentId: string,
): AsyncGenerator<string> {
  for await (const batch of batches) for (const entry of batch) yield artifactAddress(experimentId, entry);
}
