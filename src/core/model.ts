import type { ArtifactRoot } from './artifact-path.js';
import type { JobId, JobKey, ProjectId, ProjectKey, RunId, RunKey, UserKey, WorkspaceKey } from './ids.js';
import type { Tag } from './params.js';
import type { DialectName, Resources } from './spec.js';
import type { Origin, Reason, Status } from './status.js';
import type { Micros } from './time.js';

/**
 * Wire fields that core has no word for, by the dialect that sent them. Only that dialect's adapter
 * reads or writes its part; at most 64 KiB of JSON an entity.
 */
export type Extensions = Readonly<Record<DialectName, Readonly<Record<string, unknown>>>>;

/** A tenant: what some dialects call an owner, others a workspace. */
export interface Workspace {
  readonly key: WorkspaceKey;
  readonly name: string;
  readonly createdAt: Micros;
}

export type MemberRole = 'reader' | 'writer' | 'owner';

export interface User {
  readonly key: UserKey;
  readonly id: string;
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly createdAt: Micros;
}

/** A stored token: its SHA-256 alone is kept. */
export interface Token {
  readonly hash: string;
  readonly userKey: UserKey;
  readonly label: string | null;
  /** Set for a token that is worth one run only. */
  readonly runKey: RunKey | null;
  readonly createdAt: Micros;
  readonly expiresAt: Micros | null;
}

/** Who did a thing: a user of this server, or a name that an import brought along. */
export interface Author {
  readonly key: UserKey | null;
  readonly name: string;
}

/** The folder of runs. */
export interface Project {
  readonly key: ProjectKey;
  readonly id: ProjectId;
  readonly workspaceKey: WorkspaceKey;
  /** Counts from 0 (`Default`) within the workspace. */
  readonly number: number;
  readonly name: string;
  readonly slug: string;
  readonly description: string | null;
  readonly isPublic: boolean;
  /** Labels and keys with values, in the order in which they were given. */
  readonly tags: readonly Tag[];
  /** The code that was uploaded last, for its next runs. */
  readonly codeRoot: ArtifactRoot | null;
  readonly createdBy: Author;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  /** Set while it is in the trash, where it keeps its name, and once it was deleted for good. */
  readonly deletedAt: Micros | null;
  /** Set once it was deleted for good: its name is free, and its row goes with the last of its runs. */
  readonly purgeAt: Micros | null;
  readonly extensions: Extensions;
}

/** How many runs a project has; deleted ones are not counted. */
export interface ProjectCounts {
  readonly runs: number;
}

/** The state of the code that a run was started from, as its client read it from Git, else as its spec names it. */
export interface CodeRef {
  readonly commit: string | null;
  readonly head: string | null;
  readonly branch: string | null;
  readonly url: string | null;
  readonly isDirty: boolean | null;
  readonly diff: string | null;
}

/** One execution. */
export interface Run {
  readonly key: RunKey;
  readonly id: RunId;
  readonly projectKey: ProjectKey;
  /** Counts from 1 within the project. */
  readonly number: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly createdBy: Author;
  /** True when Franca starts and ends its processes; false for a run that only reports here. */
  readonly managed: boolean;
  readonly desiredState: 'running' | 'stopped';
  readonly status: Status;
  readonly statusReason: Reason | null;
  readonly statusMessage: string | null;
  /** The current attempt, from 1. */
  readonly attempt: number;
  /** The wanted revision of the spec; null for a run without one. */
  readonly specRevision: number | null;
  readonly originKey: RunKey | null;
  readonly originKind: 'restart' | 'resume' | 'copy' | null;
  readonly parentKey: RunKey | null;
  /** A parent's id that named no run when it was given. */
  readonly parentRef: string | null;
  /** Whose folder of outputs it writes to: a resumed run goes on in the first one's, any other has its own. */
  readonly artifactRoot: RunId;
  readonly codeRef: CodeRef | null;
  /** What it is made with: what its client says, else its spec's. */
  readonly framework: string | null;
  /** What executes it, as its client says. */
  readonly backend: string | null;
  /** The group of runs that it belongs to, and the build that it runs on, as its client names them. */
  readonly groupRef: string | null;
  readonly buildRef: string | null;
  /** The uploaded code that its jobs find a copy of; null for none. */
  readonly codeRoot: ArtifactRoot | null;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  readonly startedAt: Micros | null;
  readonly finishedAt: Micros | null;
  readonly heartbeatAt: Micros | null;
  /**
   * Set while it is in the trash, and once it was deleted for good. A run that went to the trash with its project
   * has the project's time, and no other run has.
   */
  readonly deletedAt: Micros | null;
  /** Hidden from the lists of dialects that know archives since then; nothing else changes. */
  readonly archivedAt: Micros | null;
  /** Set once it was deleted for good: from when on all that is left of it may be removed. */
  readonly purgeAt: Micros | null;
  /** Counts every change of the row, for optimistic locking. */
  readonly version: number;
  readonly extensions: Extensions;
}

/** A start of a run. The first is number 1. */
export interface Attempt {
  readonly runKey: RunKey;
  readonly number: number;
  readonly reason: 'first' | 'retry' | 'respecified' | 'infrastructure';
  /** The revision that the runner was last given; null before it was given any. */
  readonly submittedRevision: number | null;
  /** True from the moment that the runner has room for it; then it takes its slots until its end. */
  readonly admitted: boolean;
  /** Place in the line of all attempts that wait for room. */
  readonly position: number;
  readonly createdAt: Micros;
}

/** A process or pod: one replica of one role in one attempt. */
export interface Job {
  readonly key: JobKey;
  readonly id: JobId;
  readonly runKey: RunKey;
  readonly attempt: number;
  /** Counts from 1 within the run. */
  readonly number: number;
  readonly role: string;
  readonly index: number;
  /** Fixed when the run is created; the same for the same replica in every attempt. */
  readonly name: string;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly node: string | null;
  readonly resources: Resources;
  /** True once a smaller number of replicas was asked for: it is to be stopped, and decides nothing. */
  readonly retired: boolean;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  readonly startedAt: Micros | null;
  readonly finishedAt: Micros | null;
}

/** A status as it was reported, of a run or (with `jobKey`) of one of its jobs. Append-only. */
export interface StatusEvent {
  /** Grows with the order of arrival, over all runs. */
  readonly seq: number;
  readonly runKey: RunKey;
  readonly jobKey: JobKey | null;
  readonly attempt: number;
  readonly status: Status;
  /** True if it moved the run or job when it came. */
  readonly effective: boolean;
  /** When it happened, for display; the order is `seq`. */
  readonly at: Micros;
  readonly reason: Reason | null;
  readonly message: string | null;
  readonly traceback: string | null;
  /** What else its client said, as it came; at most 64 KiB of JSON. */
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly origin: Origin;
}

/** A named environment: image and packages that specs refer to. */
export interface Environment {
  /** Counts over all environments; never reused. */
  readonly sequence: number;
  readonly workspaceKey: WorkspaceKey;
  readonly name: string;
  readonly image: string | null;
  readonly dockerImage: string | null;
  readonly description: string | null;
  /** The whole document as its dialect sent it. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

/** A named spec with parameters. */
export interface Template {
  /** Counts over all templates; never reused. */
  readonly sequence: number;
  readonly workspaceKey: WorkspaceKey;
  readonly name: string;
  /** The whole document as its dialect sent it. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

/** The first answer to a create request that carried a key, so that a repeat finds it. */
export interface IdempotencyKey {
  readonly workspaceKey: WorkspaceKey;
  readonly userKey: UserKey;
  readonly key: string;
  /** SHA-256 of the request's meaning, in hex. */
  readonly requestHash: string;
  readonly runKey: RunKey;
  readonly expiresAt: Micros;
}

/** Who changed what; written in the transaction of the change. Never for metrics, params and tags. */
export interface AuditEvent {
  readonly actor: string;
  readonly action: 'create' | 'delete' | 'restore' | 'stop' | 'respecify' | 'grant';
  /** e.g. `run 6f1e…`. */
  readonly entity: string;
  readonly at: Micros;
}
