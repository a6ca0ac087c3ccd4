import type { JobId } from '../../../src/core/ids.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Session } from '../../../src/http/socket-server.js';
import type { Context } from '../../../src/services/context.js';
import { appendLogs } from '../../../src/services/logs/append.js';
import { followLogs, type RunEvent } from '../../../src/services/logs/follow.js';
import { mergeLogs } from '../../../src/services/logs/merge.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { getRun } from '../../../src/services/runs/get.js';
import { getJob } from '../../../src/services/runs/get-job.js';
import { type LineWriter, lineWriter } from '../translate/log-lines.js';
import { lastStatusOf, shownStatuses } from '../translate/status.js';
import { type LogFrame, logInput } from '../wire/logs.js';
import { atExperiment, experimentParams, experimentPath, jobParams, mediaTypes } from './common.js';
import { jobPath } from './jobs.js';

const tag = 'experiments';
const printed = { 200: { description: 'What was printed so far.', mediaType: 'text/plain' } } as const;
const olderPath = '/ws/v1/{username}/{project_name}/experiments/{id}';

/** Documented and served: what experiments print. */
export const logRoutes = {
  get: {
    method: 'get',
    path: `${experimentPath}/logs`,
    operationId: 'getLogs',
    tag,
    summary: 'Get the log of an experiment',
    description: 'The lines of all jobs, in the order of time.',
    params: experimentParams,
    answers: printed,
  },
  send: {
    method: 'post',
    path: `${experimentPath}/logs`,
    operationId: 'createLogs',
    tag,
    summary: 'Send lines of the log of a tracked experiment',
    params: experimentParams,
    body: { schema: logInput.optional(), mediaTypes, required: false },
    answers: { 200: { description: 'They are stored.' } },
  },
  getOfJob: {
    method: 'get',
    path: `${jobPath}/logs`,
    operationId: 'getJobLogs',
    tag: 'experiment-jobs',
    summary: 'Get the log of a job',
    params: jobParams,
    answers: printed,
  },
} as const;

const follows = {
  tag,
  summary: 'Follow the log of an experiment',
  description: 'Frames `{"log_lines": […], "status": null}`; closed when the experiment has ended.',
  params: experimentParams,
} as const;

/** Documented and served: logs that are followed. */
export const logSockets = {
  run: { ...follows, path: `${experimentPath}/logs/stream`, operationId: 'followLogs' },
  runOlder: { ...follows, path: `${olderPath}/logs`, operationId: 'followLogsOlder' },
  job: {
    ...follows,
    tag: 'experiment-jobs',
    path: `${jobPath}/logs/stream`,
    operationId: 'followJobLogs',
    summary: 'Follow the log of a job',
    params: jobParams,
  },
} as const;

async function jobIdOf(ctx: Context, ref: RunRef, number: number): Promise<JobId> {
  return (await getJob(ctx, ref, number)).job.id;
}

/** An event as a frame; null for a status that this dialect does not show. */
function frameOf(event: RunEvent, writer: LineWriter): LogFrame | null {
  if (event.kind === 'lines') return { log_lines: writer.list(event.lines), status: null };
  const { status } = event.event;
  return shownStatuses.includes(status) ? { log_lines: null, status: lastStatusOf(status, []) } : null;
}

/** Tells what comes until the run has ended. That it may be read is checked before: a refusal is an answer to the handshake. */
async function followed(ctx: Context, ref: RunRef, jobId?: JobId): Promise<Session> {
  await getRun(ctx, ref);
  const scope = jobId === undefined ? {} : { jobId };
  return async ({ send, signal }) => {
    const { view, events } = await followLogs(ctx, ref, { ...scope, signal });
    const writer = lineWriter(view);
    for await (const event of events) {
      const frame = frameOf(event, writer);
      if (frame !== null) await send(JSON.stringify(frame));
    }
  };
}

/** Adds the routes of logs. */
export function addLogRoutes({ add, addSocket, text }: DialectApp): void {
  async function texts(ctx: Context, ref: RunRef, jobId?: JobId): Promise<AsyncIterable<string>> {
    const { view, lines } = await mergeLogs(ctx, ref, jobId === undefined ? {} : { jobId });
    const writer = lineWriter(view);
    return (async function* () {
      for await (const batch of lines) yield writer.text(batch);
    })();
  }

  add(logRoutes.get, async ({ params }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    return text(c, await texts(ctx, ref));
  });

  add(logRoutes.getOfJob, async ({ params }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    return text(c, await texts(ctx, ref, await jobIdOf(ctx, ref, params.job_id)));
  });

  add(logRoutes.send, async ({ params, body = '' }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    await appendLogs(ctx, ref, Array.isArray(body) ? body.join('\n') : body);
    return c.body(null, 200);
  });

  for (const socket of [logSockets.run, logSockets.runOlder]) {
    addSocket(socket, async ({ params }, request) => {
      const { ctx, ref } = await atExperiment(request, params);
      return followed(ctx, ref);
    });
  }

  addSocket(logSockets.job, async ({ params }, request) => {
    const { ctx, ref } = await atExperiment(request, params);
    return followed(ctx, ref, await jobIdOf(ctx, ref, params.job_id));
  });
}
