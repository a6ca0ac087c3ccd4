import { expect, vi } from 'vitest';
import { parseUuid } from '../../src/core/ids.js';
import type { RunningServer } from '../support/server.js';

import { ask, type Experiment, historyOf, numberOf } from './support.js';

/** How each API shows what the cluster makes of a run. */
const shownAs = {
  unschedulable: ['unschedulable', 'Created', 'SCHEDULED', 'RUNNING'],
  starting: ['starting', 'Created', 'SCHEDULED', 'RUNNING'],
  unknown: ['unknown', 'Running', 'RUNNING', 'RUNNING'],
  failed: ['failed', 'Failed', 'FAILED', 'FAILED'],
  stopped: ['stopped', 'Failed', 'KILLED', 'FAILED'],
} as const;

/** The status that every API shows of a run, each with why: Polyaxon, Submarine, MLflow and its seed's, Foundry. */
async function seenByAll(
  server: RunningServer,
  run: Experiment,
): Promise<[string | undefined, string | undefined][]> {
  const get = async <T>(path: string) => (await (await fetch(`${server.url}${path}`)).json()) as T;
  const id = run.uid.replaceAll('-', '');
  const project = await get<{ uuid: string }>('/api/v1/root/default');
  const model = `ri.models.main.model.${parseUuid(project.uuid)}`;
  const [last, submarine, mlflow, seed, foundry] = await Promise.all([
    historyOf(server, numberOf(run)).then((history) => history.at(-1)),
    ask<{ status: string; reason?: string }>(server, `/${run.experimentId}`),
    get<MlflowRun>(`/api/2.0/mlflow/runs/get?run_id=${id}`),
    get<SeedRun>(`/api/v1/experiments/runs/${id}`),
    get<{ status: string; statusMessage?: string }>(
      `/api/v2/models/${model}/experiments/ri.models.main.experiment.${run.uid}?preview=true`,
    ),
  ]);
  const { info, data } = mlflow.run;
  return [
    [last?.status, last?.message ?? undefined],
    [submarine.status, submarine.reason],
    [info.status, data.tags.find(({ key }) => key === whyTag)?.value],
    [seed.status, seed.tags[whyTag]],
    [foundry.status, foundry.statusMessage],
  ];
}

const whyTag = 'franca.statusMessage';

interface MlflowRun {
  readonly run: {
    readonly info: { readonly status: string };
    readonly data: { readonly tags: readonly { readonly key: string; readonly value: string }[] };
  };
}

interface SeedRun {
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Waits until every API shows a run in a status, in its own word and for the same reason; gives that. */
export function untilTold(
  server: RunningServer,
  run: Experiment,
  status: keyof typeof shownAs,
  seconds = 60,
): Promise<string> {
  const [polyaxon, submarine, mlflow, foundry] = shownAs[status];
  return vi.waitFor(
    async () => {
      const seen = await seenByAll(server, run);
      const why = seen[0]?.[1];
      expect(seen).toEqual([
        [polyaxon, expect.any(String)],
        [submarine, why],
        [mlflow, why],
        [mlflow, why],
        [foundry, why],
      ]);
      return why ?? '';
    },
    { timeout: seconds * 1000, interval: 200 },
  );
}

/** Waits until an experiment has failed in the words of every API; gives why. */
export function untilFailed(server: RunningServer, experiment: Experiment, seconds = 60): Promise<string> {
  return untilTold(server, experiment, 'failed', seconds);
}
