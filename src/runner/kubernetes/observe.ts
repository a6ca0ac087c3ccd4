import type { JobId, RunId } from '../../core/ids.js';
import type { Observation } from '../../core/ports/runner.js';
import type { Status } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import { type Failure, failureOf, type Origin, overdue, signalOf, startWords } from './failure.js';
import {
  type Condition,
  type ContainerStatus,
  conditionOf,
  containerOf,
  mainStatusOf,
  microsOf,
  type PodObject,
} from './objects.js';
import type { StopReason } from './records.js';
import { setupMark } from './replica-script.js';

/** All that is known of one job when it is looked at. */
export interface Sight {
  readonly runId: RunId;
  readonly jobId: JobId;
  /** True if something is set up in its container before its command. */
  readonly hasSetup: boolean;
  /** When it was asked for: nothing of it was earlier, whatever the clock of its node says. */
  readonly askedAt: Micros;
  /** Why Franca asked for its end; null while it may run. */
  readonly stop: StopReason | null;
  /** What makes its pod. */
  readonly origin: Origin;
  readonly pod: PodObject | null;
  /** The last of the cluster's events about it that tells something; null for none. */
  readonly notice: Notice | null;
}

/** An event of the cluster. */
export interface Notice {
  readonly reason: string;
  readonly message: string;
}

/** The Job controller’s word for it, and the training operator’s. */
const createReasons = new Set(['FailedCreate', 'FailedCreatePod']);
const volumeReasons = new Set(['FailedMount', 'FailedAttachVolume', 'FailedMapVolume']);
const pullReason = 'Pulling';

/** True for an event of a reason that says more of a job than its pod does. */
export function isTelling(reason: string): boolean {
  return createReasons.has(reason) || volumeReasons.has(reason) || reason === pullReason;
}

/** How long the cluster may take over something before a job has failed, in seconds. */
export interface Patience {
  readonly imagePullSeconds: number;
  readonly nodeLostSeconds: number;
}

/** What a look at a job says. */
export interface Look {
  readonly observation: Observation;
  /** When another look may say something else though the cluster tells nothing new; null for never. */
  readonly lookAgainAt: Micros | null;
  /** True if its pod still has to be ended: Franca has given it up. */
  readonly giveUp: boolean;
}

interface Waiting {
  readonly status: Status;
  readonly message: string | null;
  /** With what it has failed if it goes on for too long, and since when it goes on. */
  readonly limit?: { readonly failure: Failure; readonly since: Micros; readonly seconds: number };
}

/**
 * Pure: what a pod, what made it and the events about it say of a job. A pod that has ended is told as its end; a pod
 * that is not there as one that is still to come, for whether it has been there is known elsewhere.
 */
export function observe(sight: Sight, patience: Patience, now: Micros): Look {
  const { pod, origin, stop } = sight;
  const phase = pod?.status?.phase;
  if (pod !== null && phase === 'Succeeded') {
    return ended(sight, stop === null ? 'succeeded' : 'stopped', null);
  }
  if (pod !== null && (phase === 'Failed' || isDeletedEarly(pod))) {
    return stop === null ? ended(sight, 'failed', failureOf(pod, origin)) : ended(sight, 'stopped', null);
  }
  if (pod === null && origin.state?.isOverdue === true && stop === null)
    return ended(sight, 'failed', overdue, now);
  const waiting = pod === null ? withoutPod(sight) : (silent(pod, patience) ?? alive(pod, sight, patience));
  const { limit } = waiting;
  if (limit !== undefined && stop === null) {
    const end = limit.since + limit.seconds * 1_000_000;
    if (now >= end) return { ...ended(sight, 'failed', limit.failure, now), giveUp: true };
    return { ...living(sight, waiting), lookAgainAt: end };
  }
  return living(sight, waiting);
}

/** A pod that was deleted before it had a node never gets one: it is held here alone, and what ends it looks seldom. */
function isDeletedEarly({ metadata, spec }: PodObject): boolean {
  return metadata?.deletionTimestamp !== undefined && spec?.nodeName === undefined;
}

/** What is said of a job whose pod is gone, or will never come. */
export function vanished(sight: Sight, failure: Failure | null, at: Micros): Observation {
  return ended(sight, failure === null ? 'stopped' : 'failed', failure, at).observation;
}

function living(sight: Sight, { status, message }: Waiting): Look {
  const times = timesOf(sight);
  return {
    observation: {
      ...base(sight),
      ...times,
      status,
      message,
      finishedAt: null,
    },
    lookAgainAt: null,
    giveUp: false,
  };
}

function ended(sight: Sight, status: Status, failure: Failure | null, at: Micros | null = null): Look {
  const { pod, stop } = sight;
  if (status === 'stopped' && stop === overdue.reason) return ended(sight, 'failed', overdue, at);
  const terminated = pod === null ? undefined : mainStatusOf(pod)?.state?.terminated;
  const times = timesOf(sight);
  const finished = microsOf(terminated?.finishedAt) ?? at ?? endOfPod(pod);
  const exitCode = terminated?.exitCode ?? null;
  const wasStarted = times.startedAt !== null;
  return {
    observation: {
      ...base(sight),
      ...times,
      status,
      reason: status === 'stopped' ? stop : (failure?.reason ?? null),
      message: status === 'stopped' ? null : (failure?.message ?? null),
      exitCode: failure?.reason === 'config_error' || !wasStarted ? null : exitCode,
      signal: signalOf(terminated?.exitCode),
      finishedAt: finished === null ? null : Math.max(finished, times.startedAt ?? sight.askedAt),
    },
    lookAgainAt: null,
    giveUp: false,
  };
}

function base({ runId, jobId, pod }: Sight) {
  return {
    runId,
    jobId,
    reason: null,
    message: null,
    exitCode: null,
    signal: null,
    node: pod?.spec?.nodeName ?? null,
  };
}

/** The cluster tells times in whole seconds, rounded down. */
function timesOf({ pod, hasSetup, askedAt }: Sight): Pick<Observation, 'builtAt' | 'startedAt'> {
  const main = pod === null ? null : mainStatusOf(pod);
  const { running, terminated } = main?.state ?? {};
  const failedToStart = terminated?.reason === 'StartError' || terminated?.reason === 'ContainerCannotRun';
  const begun = failedToStart ? null : microsOf(running?.startedAt ?? terminated?.startedAt);
  const startedAt = begun === null || begun <= 0 ? null : Math.max(begun, askedAt);
  if (!hasSetup || startedAt === null) return { builtAt: null, startedAt };
  if (terminated !== undefined) {
    // Too quick to be seen between setup and end.
    const wasBuilt = terminated.message?.trim() !== setupMark;
    return wasBuilt ? { builtAt: startedAt, startedAt } : { builtAt: null, startedAt: null };
  }
  if (main?.started !== true) return { builtAt: null, startedAt: null };
  const ready = pod?.status?.conditions?.find(({ type }) => type === 'Ready');
  const builtAt = Math.max(startedAt, microsOf(ready?.lastTransitionTime) ?? startedAt);
  return { builtAt, startedAt: builtAt };
}

/** The latest that is known of a pod whose work has not begun. It may have been unready for long before it ended. */
function endOfPod(pod: PodObject | null): Micros | null {
  const { conditions = [], initContainerStatuses = [] } = pod?.status ?? {};
  const times = [
    conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime,
    ...initContainerStatuses.map(({ state }) => state?.terminated?.finishedAt),
    pod?.metadata?.deletionTimestamp,
  ].map(microsOf);
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** A run that builds does so until its command runs: it cannot go back to building from what is later. */
function withoutPod({ notice, origin, hasSetup }: Sight): Waiting {
  const before: Status = hasSetup ? 'building' : 'scheduled';
  const held: Status = hasSetup ? 'building' : 'unschedulable';
  if (origin.state?.isSuspended === true) return { status: held, message: 'waits to be let in by its queue' };
  if (notice !== null && createReasons.has(notice.reason))
    return { status: held, message: `its pod cannot be made: ${createWords(notice.message)}` };
  return { status: before, message: null };
}

/** A node that does not answer: the pod counts as not ready, though its containers were when last heard of. */
function silent(pod: PodObject, { nodeLostSeconds }: Patience): Waiting | null {
  const find = (name: string): Condition | undefined =>
    pod.status?.conditions?.find(({ type }) => type === name);
  const ready = find('Ready');
  const isSilent = ready?.status === 'False' && find('ContainersReady')?.status === 'True';
  const disruption = conditionOf(pod.status?.conditions, 'DisruptionTarget');
  if (!isSilent && disruption?.reason !== 'DeletionByTaintManager') return null;
  const since = microsOf((isSilent ? ready : disruption)?.lastTransitionTime) ?? 0;
  const message = `its node ${pod.spec?.nodeName ?? ''} does not answer`;
  const failure = { reason: 'node_lost', message } as const;
  return { status: 'unknown', message, limit: { failure, since, seconds: nodeLostSeconds } };
}

function alive(pod: PodObject, { hasSetup, notice }: Sight, patience: Patience): Waiting {
  const main = mainStatusOf(pod);
  if (main?.state?.running !== undefined || main?.state?.terminated !== undefined) {
    // Ended, but its pod is not yet: its output is still coming.
    return { status: hasSetup && main.started !== true ? 'building' : 'running', message: null };
  }
  const before: Status = hasSetup ? 'building' : 'starting';
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return {
      status: hasSetup ? before : 'unschedulable',
      message: scheduled.message ?? 'no node has room for it',
    };
  if (pod.spec?.nodeName === undefined) return { status: hasSetup ? before : 'scheduled', message: null };
  const blocked = [...(pod.status?.initContainerStatuses ?? []), main]
    .map((container) => blockOf(pod, container, patience))
    .find((block) => block !== null);
  if (blocked != null) return { ...blocked, status: before };
  return { status: before, message: notice === null ? null : preparing(pod, notice) };
}

/** What is done for a pod before its containers start, by the last event about it. */
function preparing({ spec }: PodObject, { reason, message }: Notice): string | null {
  if (volumeReasons.has(reason)) return `a volume cannot be mounted: ${message}`;
  if (reason !== pullReason) return null;
  const [, image = 'its image'] = /^Pulling (image ".*")/.exec(message) ?? [];
  return `${spec?.nodeName} pulls ${image.replace(/^image/, 'the image')}`;
}

const imageReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'InvalidImageName',
  'SignatureValidationFailed',
]);

const configReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
]);

/** What keeps a container from starting. */
function blockOf(
  pod: PodObject,
  container: ContainerStatus | null,
  { imagePullSeconds }: Patience,
): Omit<Waiting, 'status'> | null {
  const { reason = '', message = '' } = container?.state?.waiting ?? {};
  const since = microsOf(pod.status?.startTime) ?? 0;
  const image = containerOf(pod, container?.name)?.image;
  if (imageReasons.has(reason)) {
    const words = imageWords(image ?? '', reason, message);
    const failure = { reason: 'image_pull', message: words } as const;
    // A name that is none will never be one.
    const seconds = reason === 'InvalidImageName' ? 0 : imagePullSeconds;
    return { message: words, limit: { failure, since, seconds } };
  }
  if (!configReasons.has(reason)) return null;
  const words = startWords(message === '' ? reason : message);
  return {
    message: words,
    limit: { failure: { reason: 'config_error', message: words }, since, seconds: imagePullSeconds },
  };
}

function imageWords(image: string, reason: string, message: string): string {
  if (reason === 'InvalidImageName') return `${JSON.stringify(image)} is not the name of an image`;
  // While it waits to try again, the cluster repeats what it said before, and how long it waits.
  const cause = /^Back-off pulling image "[^"]*": ErrImagePull: ([\s\S]*)$/.exec(message)?.[1] ?? message;
  const detail = /^Back-off pulling image "[^"]*"$/.test(cause) ? '' : cause;
  const words = `the image ${JSON.stringify(image)} cannot be pulled`;
  return detail === '' ? words : `${words}: ${detail}`;
}

/** A quota's words are for people; the name of the pod that was not made is not. */
function createWords(message: string): string {
  return message
    .replace(/^Error creating: pods? "[^"]*" is forbidden: /, '')
    .replace(/^Error creating: /, '');
}
