import type { RunId } from '../../core/ids.js';
import { captureFinalizer, fellowPort, jobsAnnotation, labels, queueLabel, roleSlug } from './names.js';
import { type PodSetting, podSpec, type Replicas } from './pod-template.js';

type Json = Readonly<Record<string, unknown>>;

/** An object of the cluster that is to be there. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string } & Json;
  readonly spec: Json;
}

/** Whose objects they are. */
export interface Owner {
  readonly instance: string;
  readonly runId: RunId;
  readonly attempt: number;
  readonly namespace: string;
}

/** The labels of every object of an attempt. */
export function ownerLabels({ instance, runId, attempt }: Owner): Record<string, string> {
  return {
    [labels.managedBy]: 'franca',
    [labels.instance]: instance,
    [labels.run]: runId,
    [labels.attempt]: String(attempt),
  };
}

/**
 * The Job of replicas of one role. Each pod is started once: a failure is the index's own and ends no other, for
 * what follows from it is decided by Franca.
 *
 * @throws Rejected for what can never run.
 */
export function jobManifest(name: string, replicas: Replicas, owner: Owner, setting: PodSetting): Manifest {
  const count = replicas.jobs.length;
  const { deadlineSeconds, ttlSeconds, queue } = setting.settings;
  const own = { ...ownerLabels(owner), [labels.role]: roleSlug(replicas.role.name) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: owner.namespace,
      labels: { ...own, ...(queue === null ? {} : { [queueLabel]: queue }) },
      annotations: { [jobsAnnotation]: JSON.stringify(replicas.jobs.map(({ id }) => id)) },
    },
    spec: {
      completionMode: 'Indexed',
      completions: count,
      parallelism: count,
      ...(count === 1 ? { backoffLimit: 0 } : { backoffLimitPerIndex: 0 }),
      ...(deadlineSeconds === null ? {} : { activeDeadlineSeconds: deadlineSeconds }),
      ttlSecondsAfterFinished: ttlSeconds,
      // Kueue lets it in by taking this back.
      ...(queue === null ? {} : { suspend: true }),
      template: {
        metadata: { labels: own, finalizers: [captureFinalizer] },
        spec: podSpec(replicas, setting),
      },
    },
  };
}

/** The headless Service by which the replicas of an attempt find each other, ready or not. */
export function serviceManifest(name: string, owner: Owner, owners: readonly Json[]): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: owner.namespace,
      labels: ownerLabels(owner),
      // It goes with the last Job of the attempt, whoever removes that.
      ownerReferences: owners,
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ name: 'fellows', port: fellowPort }],
      selector: {
        [labels.instance]: owner.instance,
        [labels.run]: owner.runId,
        [labels.attempt]: String(owner.attempt),
      },
    },
  };
}
