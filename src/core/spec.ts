import type { Placement } from './placement.js';
import type { Micros } from './time.js';

/** The name of an API that Franca speaks. The core knows none of them: it only keeps apart what each one sent. */
export type DialectName = string;

/** What a role is for, whatever a framework or a dialect calls it. */
export type RoleKind = 'master' | 'chief' | 'worker' | 'ps' | 'evaluator' | 'other';

/** The frameworks whose processes find each other by variables that Franca sets. */
export type Framework = 'tensorflow' | 'pytorch' | 'xgboost' | 'mpi' | 'mxnet' | 'horovod';

/** What a job executes: words given to the system as they are, or a script for `/bin/sh -c`. */
export type Command =
  | { readonly kind: 'exec'; readonly argv: readonly string[] }
  | { readonly kind: 'shell'; readonly script: string };

/** An environment variable. */
export interface EnvVar {
  readonly name: string;
  readonly value: string;
}

/** What a replica asks for, by resource name (`cpu`, `memory`, `nvidia.com/gpu`), as Kubernetes quantities. */
export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** A part of a run: equal replicas of one command. */
export interface Role {
  /** As the client sent it; roles are looked up without case. */
  readonly name: string;
  readonly kind: RoleKind;
  readonly replicas: number;
  readonly image: string | null;
  /** null when the spec names no command: the image's own is meant, and the local runner refuses it. */
  readonly command: Command | null;
  /**
   * A script for `/bin/sh -e` that prepares the job where it is, before the command: the run is `building`
   * meanwhile, and the job fails if a step does. What it leaves running is ended. null for none.
   */
  readonly setup: string | null;
  readonly env: readonly EnvVar[];
  readonly resources: Resources;
  /** On which nodes; null for any. */
  readonly placement: Placement | null;
}

/** Which job's end is the run's end: one job, or the last of all. */
export type Completion =
  | { readonly kind: 'all' }
  | { readonly kind: 'job'; readonly role: string; readonly index: number };

/** When a run is over, and what is done before it is. */
export interface Termination {
  readonly completion: Completion;
  /** Starts beyond the first after a job failed by itself. */
  readonly maxRetries: number;
}

/** Where a run's code comes from. */
export interface CodeSource {
  readonly kind: 'git';
  readonly url: string;
  readonly branch: string | null;
}

/** What the client sent, byte for byte, so that its own dialect can give it back unchanged. */
export interface SpecSource {
  readonly dialect: DialectName;
  readonly mediaType: string;
  readonly text: string;
}

/** What is to be run, as derived from the source. Never changed: a change is a new revision. */
export interface SpecInput {
  readonly source: SpecSource;
  readonly framework: Framework | null;
  /**
   * The part of a cluster in which it shall run, as the client names it; null where it is all the same to it. A wish:
   * the operator says which parts there are.
   */
  readonly namespace: string | null;
  readonly roles: readonly Role[];
  readonly code: CodeSource | null;
  readonly termination: Termination;
}

/** A stored revision of a run's spec; the first is 1. */
export interface RunSpec extends SpecInput {
  readonly revision: number;
  readonly createdAt: Micros;
}

/** Finds a role by name, without regard to case. */
export function findRole(spec: SpecInput, name: string): Role | undefined {
  const wanted = name.toLowerCase();
  return spec.roles.find((role) => role.name.toLowerCase() === wanted);
}

/** True if some replica has something to be prepared before its command. */
export function hasSetup(spec: SpecInput): boolean {
  return spec.roles.some((role) => role.setup !== null && role.replicas > 0);
}

/** True when two specs differ in nothing but the numbers of replicas: such a change rescales a running run. */
export function isRescale(before: SpecInput, after: SpecInput): boolean {
  return shapeOf(before) === shapeOf(after);
}

/** A text for each spec that is equal for those that differ in the numbers of replicas and the order of fields alone. */
function shapeOf({ framework, namespace, code, termination, roles }: SpecInput): string {
  const shapes = roles
    .map((role) => ({ ...role, replicas: 0 }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return JSON.stringify([framework, namespace, code, termination, shapes], (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
