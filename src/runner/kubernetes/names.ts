import { createHash } from 'node:crypto';
import type { RunId } from '../../core/ids.js';

/** What Franca writes on its objects, and how it finds them again. */
export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** Which Franca it is of: several may share a namespace. */
  instance: 'franca/instance',
  run: 'franca/run',
  attempt: 'franca/attempt',
  role: 'franca/role',
} as const;

/** Keeps a pod until its output and its end are stored here. */
export const captureFinalizer = 'franca/capture';

/** On an object that makes pods: the ids of the jobs that they are, in their order, as JSON. */
export const jobsAnnotation = 'franca/jobs';

/** Where controllers write which object a pod is of, and which replica it is. */
export const controllerMarks = {
  jobName: 'batch.kubernetes.io/job-name',
  /** An annotation; the others are labels. */
  jobIndex: 'batch.kubernetes.io/job-completion-index',
  trainingName: 'training.kubeflow.org/job-name',
  trainingIndex: 'training.kubeflow.org/replica-index',
} as const;

/** Names the container that does a job's work, as for kubectl. */
export const containerAnnotation = 'kubectl.kubernetes.io/default-container';

/** How Kueue is told of the queue. */
export const queueLabel = 'kueue.x-k8s.io/queue-name';

/** The container that brings a job's code before its work is done. */
export const codeContainer = 'code';

/** Where replicas listen for their fellows: the port of the training operator's TensorFlow jobs. */
export const fellowPort = 2222;

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** The 128 bits of a UUID as 26 characters of base32 in lower case. */
export function shortId(id: RunId): string {
  let bits = BigInt(`0x${id.replaceAll('-', '')}`) << 2n;
  let text = '';
  for (let place = 0; place < 26; place += 1) {
    text = (alphabet[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return text;
}

const maxRole = 18;

/**
 * A role's name as a part of an object's: lower case, a-z, 0-9 and inner dashes, at most 18 characters. What that
 * changes gets a mark of its own, so that two roles never share one.
 */
export function roleSlug(role: string): string {
  const lower = role.toLowerCase();
  const plain = lower.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  if (plain === lower && plain.length <= maxRole && plain !== '') return plain;
  const mark = createHash('sha256').update(lower).digest('hex').slice(0, 6);
  return `${plain.slice(0, maxRole - 7)}-${mark}`.replace(/^-/, '');
}

/** The name of an attempt's object of the training operator, and of its headless Service. */
export function attemptName(runId: RunId, attempt: number): string {
  return `r-${shortId(runId)}-${attempt}`;
}

/**
 * The name of the Job of a role's replicas; those that a later revision of the spec added to the same attempt have
 * a Job of their own. At most 63 characters with a pod's index behind it.
 */
export function jobName(runId: RunId, attempt: number, role: string, revision: number | null): string {
  const name = `${attemptName(runId, attempt)}-${roleSlug(role)}`;
  return revision === null ? name : `${name}-${revision}`;
}
