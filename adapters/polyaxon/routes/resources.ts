import type { JobId } from '../../../src/core/ids.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Session } from '../../../src/http/socket-server.js';
import type { Context } from '../../../src/services/context.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { getRun } from '../../../src/services/runs/get.js';
import { getJob } from '../../../src/services/runs/get-job.js';
import { followUsage } from '../../../src/services/usage/follow.js';
import { fromJobUse } from '../translate/usage.js';
import { atExperiment, experimentParams, experimentPath, jobParams } from './common.js';
import { jobPath } from './jobs.js';

const description = 'A list each second, of what each job uses; closed when the experiment has ended.';

/** Documented and served: what jobs use. */
export const resourceSockets = {
  run: {
    tag: 'experiments',
    path: `${experimentPath}/resources`,
    operationId: 'followResources',
    summary: 'Follow what the jobs of an experiment use',
    description,
    params: experimentParams,
  },
  runOlder: {
    tag: 'experiments',
    path: '/ws/v1/{username}/{project_name}/experiments/{id}/resources',
    operationId: 'followResourcesOlder',
    summary: 'Follow what the jobs of an experiment use',
    description,
    params: experimentParams,
  },
  job: {
    tag: 'experiment-jobs',
    path: `${jobPath}/resources`,
    operationId: 'followJobResources',
    summary: 'Follow what a job uses',
    description,
    params: jobParams,
  },
} as const;

/** Tells what is used until the run has ended. That it may be read is checked before: a refusal is an answer to the handshake. */
async function followed(ctx: Context, ref: RunRef, jobId?: JobId): Promise<Session> {
  await getRun(ctx, ref);
  const scope = jobId === undefined ? {} : { jobId };
  return async ({ send, signal }) => {
    const { run, batches } = await followUsage(ctx, ref, { ...scope, signal });
    for await (const batch of batches) {
      await send(JSON.stringify(batch.map((use) => fromJobUse(run, use))));
    }
  };
}

/** Adds the routes of what jobs use. */
export function addResourceRoutes({ addSocket }: DialectApp): void {
  for (const socket of [resourceSockets.run, resourceSockets.runOlder]) {
    addSocket(socket, async ({ params }, request) => {
      const { ctx, ref } = await atExperiment(request, params);
      return followed(ctx, ref);
    });
  }

  addSocket(resourceSockets.job, async ({ params }, request) => {
    const { ctx, ref } = await atExperiment(request, params);
    const { job } = await getJob(ctx, ref, params.job_id);
    return followed(ctx, ref, job.id);
  });
}
