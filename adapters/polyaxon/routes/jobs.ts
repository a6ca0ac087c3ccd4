import type { Project, Run } from '../../../src/core/model.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Context } from '../../../src/services/context.js';
import { getRun } from '../../../src/services/runs/get.js';
import { getJob } from '../../../src/services/runs/get-job.js';
import { readStatuses } from '../../../src/services/runs/statuses.js';
import { fromJob } from '../translate/job.js';
import { ownedNameOf } from '../translate/names.js';
import { fromJobStatusEvent, shownStatuses } from '../translate/status.js';
import { job, jobList } from '../wire/job.js';
import { pageQuery } from '../wire/paging.js';
import { jobStatusList } from '../wire/status.js';
import { atExperiment, experimentParams, experimentPath, jobParams, listAnswer, pageOf } from './common.js';

const tag = 'experiment-jobs';
export const jobPath = `${experimentPath}/jobs/{job_id}`;

/** Documented and served: the replicas of an experiment. */
export const jobRoutes = {
  list: {
    method: 'get',
    path: `${experimentPath}/jobs`,
    operationId: 'listJobs',
    tag,
    summary: 'List the jobs of an experiment',
    params: experimentParams,
    query: pageQuery,
    answers: { 200: { description: 'Of all attempts, oldest first.', schema: jobList } },
  },
  get: {
    method: 'get',
    path: jobPath,
    operationId: 'getJob',
    tag,
    summary: 'Get a job',
    params: jobParams,
    answers: { 200: { description: 'The job.', schema: job } },
  },
  statuses: {
    method: 'get',
    path: `${jobPath}/statuses`,
    operationId: 'listJobStatuses',
    tag,
    summary: 'List the statuses of a job',
    params: jobParams,
    query: pageQuery,
    answers: { 200: { description: 'Oldest first.', schema: jobStatusList } },
  },
} as const;

function runNameOf({ workspace }: Context, project: Project, run: Run): string {
  return `${ownedNameOf(workspace, project)}.${run.number}`;
}

/** Adds the routes of jobs. */
export function addJobRoutes({ add, answer }: DialectApp, { settings }: AdapterDeps): void {
  add(jobRoutes.list, async ({ params, query }, request, c) => {
    const { ctx, ref, project } = await atExperiment(request, params);
    const { run, jobs } = await getRun(ctx, ref);
    const [name, page] = [runNameOf(ctx, project, run), pageOf(query)];
    const results = jobs.slice(page.offset, page.offset + page.limit).map((one) => fromJob(run, one, name));
    return answer(c, listAnswer(c, settings.url, page, { count: jobs.length, results }));
  });

  add(jobRoutes.get, async ({ params }, request, c) => {
    const { ctx, ref, project } = await atExperiment(request, params);
    const found = await getJob(ctx, ref, params.job_id);
    return answer(c, fromJob(found.run, found.job, runNameOf(ctx, project, found.run)));
  });

  add(jobRoutes.statuses, async ({ params, query }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    const page = pageOf(query);
    const asked = { ...page, jobNumber: params.job_id, statuses: shownStatuses };
    const { run, job: found, events, total } = await readStatuses(ctx, ref, asked);
    const results = events.flatMap((event, index) =>
      found === null ? [] : [fromJobStatusEvent(run, found, event, page.offset + index + 1)],
    );
    return answer(c, listAnswer(c, settings.url, page, { count: total, results }));
  });
}
