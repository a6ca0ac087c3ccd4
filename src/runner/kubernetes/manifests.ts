import type { RunId } from '../../core/ids.js';
import {
  captureFinalizer,
  containerAnnotation,
  fellowPort,
  jobsAnnotation,
  labels,
  queueLabel,
  roleSlug,
} from './names.js';
import { type PodSetting, podSpec, type Replicas } from './pod-template.js';
import {
  rulesOf,
  type TrainingKind,
  trainingRules,
  type WorkloadKind,
  type WorkloadRef,
} from './workloads.js';

type Json = Readonly<Record<string, unknown>>;

/** An object of the cluster that is to be there. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: WorkloadKind | 'Service';
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
 * The object that makes the pods of these replicas: of one role for a Job. Each pod is started once, and a failure is
 * its own and ends no other: what follows from it is decided by Franca.
 *
 * @throws Rejected for what can never run.
 */
export function workloadManifest(
  { kind, name }: WorkloadRef,
  parts: readonly Replicas[],
  owner: Owner,
  setting: PodSetting,
): Manifest {
  const { queue } = setting.settings;
  const templates = parts.map((replicas) => ({
    replicas,
    template: podTemplate(kind, replicas, owner, setting),
  }));
  const [first] = templates;
  if (first === undefined) throw new TypeError(`${kind} ${name} has no replicas`);
  const own = kind === 'Job' ? roleLabels(first.replicas, owner) : ownerLabels(owner);
  const ids = parts.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  return {
    apiVersion: rulesOf(kind).apiVersion,
    kind,
    metadata: {
      name,
      namespace: owner.namespace,
      labels: { ...own, ...(queue === null ? {} : { [queueLabel]: queue }) },
      annotations: { [jobsAnnotation]: JSON.stringify(ids) },
    },
    spec: kind === 'Job' ? jobSpec(first, setting) : trainingSpec(kind, templates, setting),
  };
}

interface Template {
  readonly replicas: Replicas;
  readonly template: Json;
}

function jobSpec({ replicas, template }: Template, { settings }: PodSetting): Json {
  const count = replicas.jobs.length;
  const { deadlineSeconds, ttlSeconds } = settings;
  return {
    completionMode: 'Indexed',
    completions: count,
    parallelism: count,
    ...(count === 1 ? { backoffLimit: 0 } : { backoffLimitPerIndex: 0 }),
    ...(deadlineSeconds === null ? {} : { activeDeadlineSeconds: deadlineSeconds }),
    ttlSecondsAfterFinished: ttlSeconds,
    ...suspension(settings),
    template,
  };
}

/**
 * Without a backoffLimit, for with 0 the operator deletes all pods of an object when one fails; and without a time to
 * live, for it counts from the end of the first that fails, while others may go on.
 */
function trainingSpec(kind: TrainingKind, templates: readonly Template[], { settings }: PodSetting): Json {
  const { replicas: field, types } = trainingRules[kind];
  const { deadlineSeconds } = settings;
  const specs = templates.map(({ replicas, template }) => [
    types[replicas.role.name.toLowerCase()],
    { replicas: replicas.jobs.length, restartPolicy: 'Never', template },
  ]);
  return {
    runPolicy: {
      cleanPodPolicy: 'None',
      ...(deadlineSeconds === null ? {} : { activeDeadlineSeconds: deadlineSeconds }),
      ...suspension(settings),
    },
    [field]: Object.fromEntries(specs),
  };
}

/** Kueue lets it in by taking this back. */
function suspension({ queue }: PodSetting['settings']): Json {
  return queue === null ? {} : { suspend: true };
}

function podTemplate(kind: WorkloadKind, replicas: Replicas, owner: Owner, setting: PodSetting): Json {
  return {
    metadata: {
      labels: roleLabels(replicas, owner),
      annotations: { [containerAnnotation]: rulesOf(kind).container },
      finalizers: [captureFinalizer],
    },
    spec: podSpec(kind, replicas, setting),
  };
}

function roleLabels({ role }: Replicas, owner: Owner): Record<string, string> {
  return { ...ownerLabels(owner), [labels.role]: roleSlug(role.name) };
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
