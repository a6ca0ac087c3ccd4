import type { JobId, RunId } from '../../../src/core/ids.js';
import type { Origin } from '../../../src/runner/kubernetes/failure.js';
import type { ContainerStatus, PodObject } from '../../../src/runner/kubernetes/objects.js';
import { observe, type Sight } from '../../../src/runner/kubernetes/observe.js';
import { rulesOf, type WorkloadKind, type WorkloadObject } from '../../../src/runner/kubernetes/workloads.js';

export const at = (second: number) => `2026-11-26T12:00:${String(second).padStart(2, '0')}Z`;
export const micros = (second: number) => Date.parse(at(second)) * 1000;
export const patience = { imagePullSeconds: 30, nodeLostSeconds: 20 };

export type Status = NonNullable<PodObject['status']>;

export function aPod(status: Status, fields: Partial<PodObject> = {}): PodObject {
  return {
    metadata: { name: 'r-x-1-worker-0-abcde', uid: 'u' },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'main', image: 'a/b:1', resources: { limits: { memory: '64Mi' } } }],
    },
    ...fields,
    status: { startTime: at(1), ...status },
  };
}

export const main = (state: NonNullable<ContainerStatus['state']>, started?: boolean): ContainerStatus => ({
  name: 'main',
  state,
  ...(started === undefined ? {} : { started }),
});

export const waiting = (reason: string, message = '') =>
  aPod({ phase: 'Pending', containerStatuses: [main({ waiting: { reason, message } })] });

export const running = (fields: Partial<PodObject> = {}, status: Status = {}) =>
  aPod(
    { phase: 'Running', containerStatuses: [main({ running: { startedAt: at(5) } }, true)], ...status },
    fields,
  );

export function failed(
  terminated: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>,
  status: Status = {},
  fields: Partial<PodObject> = {},
): PodObject {
  const state = { terminated: { startedAt: at(5), finishedAt: at(9), ...terminated } };
  return aPod({ phase: 'Failed', containerStatuses: [main(state)], ...status }, fields);
}

export const disrupted = (reason: string, message: string): Status => ({
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: at(8) }],
});

export const unready: Status = {
  conditions: [
    { type: 'Ready', status: 'False', lastTransitionTime: at(6) },
    { type: 'ContainersReady', status: 'True' },
  ],
};

export const origin = (object: WorkloadObject, kind: WorkloadKind = 'Job'): Origin => ({
  kind,
  state: rulesOf(kind).stateOf(object),
});

export function look(fields: Partial<Sight>, second = 10) {
  const sight: Sight = {
    runId: 'r' as RunId,
    jobId: 'j' as JobId,
    hasSetup: false,
    askedAt: micros(0),
    stop: null,
    origin: origin({}),
    pod: null,
    notice: null,
    ...fields,
  };
  return observe(sight, patience, micros(second));
}
