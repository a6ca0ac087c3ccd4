import { constants } from 'node:os';
import type { Reason } from '../../core/status.js';
import { codeContainer } from './names.js';
import {
  type Condition,
  conditionOf,
  containerOf,
  mainNameOf,
  mainStatusOf,
  microsOf,
  type PodObject,
  type Terminated,
} from './objects.js';
import { setupMark } from './replica-script.js';
import type { WorkloadKind, WorkloadState } from './workloads.js';

/** Why a job failed, in words for its user. */
export interface Failure {
  readonly reason: Reason;
  readonly message: string;
}

/** The object that made a pod: of what kind it is, and what it says; null for one that is not there any more. */
export interface Origin {
  readonly kind: WorkloadKind;
  readonly state: WorkloadState | null;
}

/**
 * Why a pod failed that has ended, or shall be taken for ended: what stands outside the container (deadline,
 * eviction, deletion) explains its exit code, so it comes first.
 */
export function failureOf(pod: PodObject, origin: Origin): Failure {
  const terminated = mainStatusOf(pod)?.state?.terminated ?? null;
  return (
    deadline(pod, origin) ??
    memory(pod, terminated) ??
    disruption(pod) ??
    refusal(pod) ??
    setupFailure(pod) ??
    deletion(pod, origin, terminated) ??
    exit(pod, terminated)
  );
}

function deadline({ status }: PodObject, { state }: Origin): Failure | null {
  return status?.reason === 'DeadlineExceeded' || state?.isOverdue === true ? overdue : null;
}

/** The failure of what has taken too long. */
export const overdue = {
  reason: 'deadline_exceeded',
  message: 'took longer than its deadline allows',
} as const satisfies Failure;

function memory(pod: PodObject, terminated: Terminated | null): Failure | null {
  if (terminated?.reason !== 'OOMKilled') return null;
  const limit = containerOf(pod, mainNameOf(pod))?.resources?.limits?.memory;
  const words = limit === undefined ? 'more memory than there is' : `more memory than its limit of ${limit}`;
  return { reason: 'oom_killed', message: `used ${words} (exit code ${terminated.exitCode ?? 137})` };
}

const disruptions: Readonly<Record<string, { reason: Reason; words: string }>> = {
  PreemptionByScheduler: { reason: 'preempted', words: 'gave way to a pod of higher priority' },
  PreemptionByKubelet: { reason: 'preempted', words: 'gave way to a pod that the node itself needs' },
  EvictionByEvictionAPI: { reason: 'evicted', words: 'was evicted from its node' },
  DeletionByTaintManager: {
    reason: 'node_lost',
    words: 'its node does not answer, or takes no pods any more',
  },
  DeletionByPodGC: { reason: 'node_lost', words: 'its node is gone' },
  TerminationByKubelet: { reason: 'evicted', words: 'was ended by its node' },
};

/** Reasons of a pod's own status. */
const podReasons: Readonly<Record<string, Reason>> = {
  Evicted: 'evicted',
  Preempting: 'preempted',
  NodeLost: 'node_lost',
  NodeShutdown: 'node_shutdown',
  Terminated: 'node_shutdown',
  Shutdown: 'node_shutdown',
};

function disruption(pod: PodObject): Failure | null {
  const { status } = pod;
  const own = podReasons[status?.reason ?? ''];
  if (own !== undefined) return { reason: own, message: withDetail(own.replace('_', ' '), status?.message) };
  const condition: Condition | null = conditionOf(status?.conditions, 'DisruptionTarget');
  const known = disruptions[condition?.reason ?? ''];
  if (known === undefined) return null;
  return { reason: known.reason, message: withDetail(known.words, condition?.message) };
}

/** A node that did not take the pod that was given to it: what it had room for changed meanwhile. */
function refusal({ status }: PodObject): Failure | null {
  const { reason = '', message } = status ?? {};
  if (!/^(OutOf\w+|UnexpectedAdmissionError|NodeAffinity|NodePorts|NodeName)$/.test(reason)) return null;
  return { reason: 'evicted', message: withDetail('was refused by its node', message ?? reason) };
}

/** A container before the work: the one that brings the code, or one that others have added. */
function setupFailure(pod: PodObject): Failure | null {
  for (const { name = '', state } of pod.status?.initContainerStatuses ?? []) {
    const { terminated } = state ?? {};
    // One that is restarted always runs beside the work.
    const isBeside = containerOf(pod, name)?.restartPolicy === 'Always';
    if (terminated === undefined || terminated.exitCode === 0 || isBeside) continue;
    const { reason, message } = exit(pod, terminated);
    const what = name === codeContainer ? 'the code could not be fetched' : `its container ${name} failed`;
    return { reason, message: withDetail(`${what}: ${message}`, lastLine(terminated.message)) };
  }
  return null;
}

/** What is deleted so long after its end was not ended by that. */
const afterthoughtMicros = 60_000_000;

function deletion(pod: PodObject, origin: Origin, terminated: Terminated | null): Failure | null {
  const deleted = microsOf(pod.metadata?.deletionTimestamp);
  if (deleted === null) return null;
  // What was deleted long after its end, by its time to live for instance, ended by itself. The node deletes once more
  // what was deleted while it ran, so the time of the deletion alone says little.
  if ((microsOf(terminated?.finishedAt) ?? deleted) < deleted - afterthoughtMicros) return null;
  const code = terminated?.exitCode;
  const message = lossOf(origin).message;
  return { reason: 'pod_deleted', message: code === undefined ? message : `${message} (exit code ${code})` };
}

/** The failure of a job whose pod was taken away, by whether what made it is still there. */
export function lossOf({ kind, state }: Origin): Failure {
  const what = state === null || state.isGoing ? kind : 'pod';
  return { reason: 'pod_deleted', message: `its ${what} was deleted from outside` };
}

function exit(pod: PodObject, terminated: Terminated | null): Failure {
  const { reason = '', message, exitCode } = terminated ?? {};
  if (reason === 'StartError' || reason === 'ContainerCannotRun')
    return { reason: 'config_error', message: startWords(message ?? reason) };
  if (reason === 'ContainerStatusUnknown')
    return { reason: 'node_lost', message: 'its node does not know any more how it ended' };
  if (exitCode === undefined)
    return { reason: 'internal', message: withDetail('its pod failed', pod.status?.message) };
  const signal = signalOf(exitCode);
  const prefix = message?.trim() === setupMark ? 'a step of the setup failed: ' : '';
  return signal === null
    ? { reason: 'exit_nonzero', message: `${prefix}exit code ${exitCode}` }
    : { reason: 'signal', message: `${prefix}ended by signal ${signal}` };
}

/** The runtime's words on a container that could not be started, without its own stack of prefixes. */
export function startWords(message: string): string {
  const missing = /exec: "([^"]*)": (?:executable file not found|stat [^:]*: no such file|no such file)/.exec(
    message,
  );
  if (missing !== null) return `command not found: ${JSON.stringify(missing[1])}`;
  const denied = /exec: "([^"]*)": permission denied/.exec(message);
  if (denied !== null) return `${JSON.stringify(denied[1])} may not be executed: permission denied`;
  return `could not be started: ${message}`;
}

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** The name of the signal that an exit code beyond 128 stands for; the runtime tells of signals in no other way. */
export function signalOf(exitCode: number | undefined): string | null {
  return exitCode === undefined || exitCode <= 128 ? null : (signals.get(exitCode - 128) ?? null);
}

function withDetail(words: string, detail: string | null | undefined): string {
  return detail == null || detail === '' ? words : `${words}: ${detail}`;
}

function lastLine(text: string | undefined): string | null {
  return text?.trimEnd().split('\n').at(-1) ?? null;
}
