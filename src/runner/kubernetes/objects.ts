import { containerAnnotation } from './names.js';

/** What is read of the cluster's objects: every field may be missing, for the objects are others'. */

export interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly creationTimestamp?: string;
  /** When it is to be gone: its grace is in it. */
  readonly deletionTimestamp?: string;
}

export interface ClusterObject {
  readonly metadata?: Metadata;
}

export interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Waiting {
  readonly reason?: string;
  readonly message?: string;
}

export interface Terminated {
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

export interface ContainerStatus {
  readonly name?: string;
  readonly started?: boolean;
  readonly state?: {
    readonly waiting?: Waiting;
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: Terminated;
  };
}

export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
}

export interface PodObject extends ClusterObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly startTime?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface EventObject extends ClusterObject {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string;
  readonly eventTime?: string;
}

/** A condition that holds. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | null {
  return conditions?.find((one) => one.type === type && one.status === 'True') ?? null;
}

/** The name of the container of a pod that does its job's work. */
export function mainNameOf({ metadata }: PodObject): string {
  return metadata?.annotations?.[containerAnnotation] ?? 'main';
}

/** The state of the container that does the job's work. */
export function mainStatusOf(pod: PodObject): ContainerStatus | null {
  const name = mainNameOf(pod);
  return pod.status?.containerStatuses?.find((one) => one.name === name) ?? null;
}

/** A container by its name, of those before the work too. */
export function containerOf({ spec }: PodObject, name: string | undefined): Container | null {
  const { containers = [], initContainers = [] } = spec ?? {};
  return [...containers, ...initContainers].find((one) => one.name === name) ?? null;
}

/** Microseconds of a time as Kubernetes writes it; null for none. */
export function microsOf(text: string | undefined): number | null {
  const millis = Date.parse(text ?? '');
  return Number.isNaN(millis) ? null : millis * 1000;
}
