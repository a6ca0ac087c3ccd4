import type { Toleration } from '../../core/placement.js';

/** What the operator of Franca decides for every pod. Names are checked for their form alone: whether they exist the cluster says. */
export interface KubernetesSettings {
  /** A context of the client configuration; null for the current one. */
  readonly context: string | null;
  /** Where jobs may run; the first is the default. */
  readonly namespaces: readonly [string, ...string[]];
  /** Of roles that name none; null to refuse these. */
  readonly image: string | null;
  /** Has git, and fetches code; null for the job's own. */
  readonly gitImage: string | null;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never' | null;
  readonly imagePullSecrets: readonly string[];
  /** How long an image may fail to be pulled before its job has failed. */
  readonly imagePullSeconds: number;
  readonly serviceAccount: string | null;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** The keys of taints that a run may tolerate by its own word; `*` for every taint. */
  readonly runTolerations: readonly string[];
  readonly priorityClass: string | null;
  readonly runtimeClass: string | null;
  /** The claim on which Franca's data folder lies; null where jobs share no files with Franca. */
  readonly claim: string | null;
  /** The data folder's path on that claim, without slashes around it; empty for its root. */
  readonly claimPath: string;
  /** What a role asks for that says nothing of it, by resource name. */
  readonly defaultResources: Readonly<Record<string, string>>;
  /** What no role may go beyond. */
  readonly maxResources: Readonly<Record<string, string>>;
  /** How long the jobs of one role may take, waiting included; null without end. */
  readonly deadlineSeconds: number | null;
  /** How long the objects of an attempt that has ended stay on the cluster. */
  readonly ttlSeconds: number;
  /** The queue of Kueue that admits jobs; null without Kueue. */
  readonly queue: string | null;
  /** How long a node may be silent before the jobs that ran there have failed. */
  readonly nodeLostSeconds: number;
}
