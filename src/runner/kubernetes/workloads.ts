import type { RunId } from '../../core/ids.js';
import type { Framework } from '../../core/spec.js';
import type { Micros } from '../../core/time.js';
import { controllerMarks, labels, roleSlug } from './names.js';
import { type ClusterObject, type Condition, conditionOf, microsOf, type PodObject } from './objects.js';

/** The kinds of the Kubeflow training operator that a run may become. */
export const trainingKinds = ['TFJob', 'PyTorchJob', 'XGBoostJob'] as const;
export type TrainingKind = (typeof trainingKinds)[number];

/** The kinds of objects that make pods of runs. */
export type WorkloadKind = 'Job' | TrainingKind;

/** Names an object that makes pods. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** Names an object that makes pods, and whose it is. */
export interface FoundWorkload extends WorkloadRef {
  readonly runId: RunId;
}

/** Which pod of which object a job is. */
export interface PodPlace {
  /** The object's name. */
  readonly object: string;
  readonly role: string;
  /** Its index among the replicas of this role in this object. */
  readonly place: number;
}

/** What is read of an object that makes pods. */
export interface WorkloadObject extends ClusterObject {
  readonly spec?: { readonly runPolicy?: { readonly activeDeadlineSeconds?: number } };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly completedIndexes?: string;
    readonly failedIndexes?: string;
    readonly startTime?: string;
    readonly completionTime?: string;
  };
}

/** What an object says of the pods that it makes, whatever its kind. */
export interface WorkloadState {
  /** It is being removed. */
  readonly isGoing: boolean;
  /** It waits for a queue before it makes pods. */
  readonly isSuspended: boolean;
  /** Its controller has ended it, for it took too long. */
  readonly isOverdue: boolean;
  /** When Franca has to end it, for it takes too long then and its controller does not look; null for never. */
  readonly dueAt: Micros | null;
  /** True if a pod that is not there may have been there, or may never come. */
  readonly mayBeOver: boolean;
  /** When its controller took it for ended, by the end of some of its pods; null for one that says nothing of the others. */
  readonly overAt: Micros | null;
  /** True while it makes another pod in the place of one that goes. */
  readonly remakes: boolean;
  /** True if it says that this replica, whose pod may be gone, has succeeded. */
  readonly hasSucceeded: (place: number) => boolean;
}

/** All that differs between the kinds. */
interface WorkloadRules {
  readonly apiVersion: string;
  /** As the API's paths have it. */
  readonly plural: string;
  /** The container that does a job's work, by the name that the kind's controller asks for. */
  readonly container: string;
  /** The variables by which replicas find each other, if its controller sets them; Franca does it otherwise. */
  readonly variables: readonly string[];
  /** True if the replicas find each other by a Service that Franca makes. */
  readonly needsService: boolean;
  /** What the cluster's DNS calls a replica, within the namespace. */
  readonly hostOf: (pod: PodPlace, service: string) => string;
  readonly stateOf: (object: WorkloadObject) => WorkloadState;
}

/** A kind of the training operator: which runs it fits, and how they are written. */
export interface TrainingRules extends WorkloadRules {
  readonly framework: Framework;
  /** The field of its specification that has the replicas. */
  readonly replicas: string;
  /** The name of the port at which replicas listen. */
  readonly port: string;
  /** Its types of replicas by the roles in lower case that they are. */
  readonly types: Readonly<Record<string, string>>;
  /** Roles of which there may be one replica in all. */
  readonly leaders: readonly string[];
  /** Roles by whose end the operator takes it for ended: without any, it never would. */
  readonly decisive: readonly string[];
}

/** The API group of the training operator, and its version. */
export const trainingApi = 'kubeflow.org/v1';

const common = {
  apiVersion: trainingApi,
  needsService: false,
  hostOf: ({ object, role, place }: PodPlace) => `${object}-${role.toLowerCase()}-${place}`,
  stateOf: stateOfTraining,
} as const;

const ranked = ['MASTER_ADDR', 'MASTER_PORT', 'WORLD_SIZE', 'RANK', 'PYTHONUNBUFFERED'];

/** By the sources of kubeflow/training-operator 1.8.1: pkg/apis/kubeflow.org/v1, pkg/controller.v1, pkg/webhooks. */
export const trainingRules: Readonly<Record<TrainingKind, TrainingRules>> = {
  TFJob: {
    ...common,
    framework: 'tensorflow',
    plural: 'tfjobs',
    replicas: 'tfReplicaSpecs',
    container: 'tensorflow',
    port: 'tfjob-port',
    types: { chief: 'Chief', master: 'Master', worker: 'Worker', ps: 'PS', evaluator: 'Evaluator' },
    leaders: ['chief', 'master'],
    decisive: ['chief', 'master', 'worker'],
    variables: ['TF_CONFIG'],
  },
  PyTorchJob: {
    ...common,
    framework: 'pytorch',
    plural: 'pytorchjobs',
    replicas: 'pytorchReplicaSpecs',
    container: 'pytorch',
    port: 'pytorchjob-port',
    types: { master: 'Master', worker: 'Worker' },
    leaders: ['master'],
    decisive: ['master'],
    variables: [
      ...ranked,
      'PET_MASTER_ADDR',
      'PET_MASTER_PORT',
      'PET_NNODES',
      'PET_NODE_RANK',
      'PET_NPROC_PER_NODE',
    ],
  },
  XGBoostJob: {
    ...common,
    framework: 'xgboost',
    plural: 'xgboostjobs',
    replicas: 'xgbReplicaSpecs',
    container: 'xgboost',
    port: 'xgboostjob-port',
    types: { master: 'Master', worker: 'Worker' },
    leaders: ['master'],
    decisive: ['master'],
    variables: [...ranked, 'WORKER_ADDRS', 'WORKER_PORT'],
  },
};

const rules: Readonly<Record<WorkloadKind, WorkloadRules>> = {
  ...trainingRules,
  Job: {
    apiVersion: 'batch/v1',
    plural: 'jobs',
    container: 'main',
    variables: [],
    needsService: true,
    hostOf: ({ object, place }, service) => `${object}-${place}.${service}`,
    stateOf: stateOfJob,
  },
};

/** All that differs between the kinds, for one of them. */
export function rulesOf(kind: WorkloadKind): WorkloadRules {
  return rules[kind];
}

/** The API's path of the objects of a kind. */
export function collectionOf(kind: WorkloadKind, namespace: string): string {
  return `/apis/${rules[kind].apiVersion}/namespaces/${namespace}/${rules[kind].plural}`;
}

/** True for a pod at this place, whatever has made it. */
export function isPodOf({ metadata }: PodObject, { object, role, place }: PodPlace): boolean {
  const { labels: marks = {}, annotations = {} } = metadata ?? {};
  const { jobName, jobIndex, trainingName, trainingIndex } = controllerMarks;
  const name = marks[jobName] ?? marks[trainingName];
  const index = annotations[jobIndex] ?? marks[trainingIndex];
  return name === object && index === String(place) && marks[labels.role] === roleSlug(role);
}

function stateOfJob({ status, metadata }: WorkloadObject): WorkloadState {
  const { conditions, completedIndexes = '', failedIndexes = '' } = status ?? {};
  const isGoing = metadata?.deletionTimestamp !== undefined;
  const ended = conditionOf(conditions, 'FailureTarget') ?? conditionOf(conditions, 'Failed');
  const isOver = ended !== null || conditionOf(conditions, 'Complete') !== null;
  return {
    isGoing,
    isSuspended: conditionOf(conditions, 'Suspended') !== null,
    isOverdue: ended?.reason === 'DeadlineExceeded',
    dueAt: null,
    mayBeOver: isGoing || isOver || completedIndexes !== '' || failedIndexes !== '',
    overAt: null,
    remakes: false,
    hasSucceeded: (place) => hasIndex(completedIndexes, place),
  };
}

/**
 * The operator takes one of its objects for ended by the end of its leader, or by any failure, and makes pods anew
 * until then. It looks at a deadline only when something else happens: what would remind it does nothing
 * (pkg/common/util/fake_workqueue.go).
 */
function stateOfTraining({ spec, status, metadata }: WorkloadObject): WorkloadState {
  const { conditions, startTime, completionTime } = status ?? {};
  const isGoing = metadata?.deletionTimestamp !== undefined;
  const isSuspended = conditionOf(conditions, 'Suspended') !== null;
  const failed = conditionOf(conditions, 'Failed');
  const ended = failed ?? conditionOf(conditions, 'Succeeded');
  const overAt = ended === null ? null : (microsOf(completionTime) ?? microsOf(ended.lastTransitionTime));
  const begun = isSuspended ? null : (microsOf(startTime) ?? microsOf(metadata?.creationTimestamp));
  const seconds = spec?.runPolicy?.activeDeadlineSeconds;
  return {
    isGoing,
    isSuspended,
    isOverdue: /longer than specified deadline/.test(failed?.message ?? ''),
    dueAt: seconds === undefined || begun === null ? null : begun + seconds * 1_000_000,
    mayBeOver: isGoing || ended !== null,
    overAt,
    remakes: !isGoing && ended === null,
    hasSucceeded: () => false,
  };
}

/** Is an index among those that the cluster writes as `0,2-5`? */
export function hasIndex(ranges: string, index: number): boolean {
  return ranges.split(',').some((range) => {
    const [first = '', last = first] = range.split('-');
    return first !== '' && Number(first) <= index && index <= Number(last);
  });
}
