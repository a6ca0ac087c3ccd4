import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Context } from '../../../src/services/context.js';
import { type Clone, cloneRun, originOf } from '../../../src/services/runs/clone.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { getRun } from '../../../src/services/runs/get.js';
import { relatedTo } from '../../../src/services/runs/related.js';
import { viewRun } from '../../../src/services/runs/view.js';
import { toClone } from '../translate/clone.js';
import { fromRun } from '../translate/experiment.js';
import { type CloneInput, cloneInput, experimentAnswer } from '../wire/experiment.js';
import { atExperiment, experimentParams, experimentPath, mediaTypes, unlogged } from './common.js';

function cloneRoute<K extends Clone['kind']>(kind: K, summary: string, description: string) {
  return {
    method: 'post',
    path: `${experimentPath}/${kind}`,
    operationId: `${kind}Experiment`,
    tag: 'experiments',
    summary,
    description,
    params: experimentParams,
    body: { schema: cloneInput.optional(), mediaTypes, required: false },
    answers: { 201: { description: 'The new experiment.', schema: experimentAnswer } },
  } as const;
}

/** Documented and served: experiments made of others. */
export const cloneRoutes = {
  restart: cloneRoute('restart', 'Restart an experiment', 'The new one begins afresh.'),
  resume: cloneRoute('resume', 'Resume an experiment', 'The new one goes on in the same outputs.'),
  copy: cloneRoute('copy', 'Copy an experiment', 'The new one begins with a copy of the outputs.'),
} as const;

async function clone(ctx: Context, ref: RunRef, kind: Clone['kind'], body: CloneInput | undefined) {
  const { read } = ctx.ports.store;
  const named = await getRun(ctx, ref);
  const origin = await viewRun(read, await originOf(read, named.run, kind));
  const params = (await read.params.list([origin.run.key])).get(origin.run.key) ?? [];
  const view = await cloneRun(ctx, ref, toClone(kind, origin, params, body ?? {}));
  return fromRun(view, await relatedTo(ctx, [view.run], unlogged));
}

/** Adds the routes that make experiments of others. */
export function addCloneRoutes({ add, answer }: DialectApp): void {
  for (const kind of ['restart', 'resume', 'copy'] as const) {
    add(cloneRoutes[kind], async ({ params, body }, request, c) => {
      const { ctx, ref } = await atExperiment(request, params);
      return answer(c, await clone(ctx, ref, kind, body), 201);
    });
  }
}
