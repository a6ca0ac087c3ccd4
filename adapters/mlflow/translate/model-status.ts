import type { LoggedModelStatus } from '../../../src/core/logged-model.js';
import type { modelStatuses } from '../wire/logged-model.js';

type StatusWord = (typeof modelStatuses)[number];

const wordOf = {
  pending: 'LOGGED_MODEL_PENDING',
  ready: 'LOGGED_MODEL_READY',
  failed: 'LOGGED_MODEL_UPLOAD_FAILED',
} as const satisfies Record<LoggedModelStatus, StatusWord>;

const statusOf = {
  LOGGED_MODEL_PENDING: 'pending',
  LOGGED_MODEL_READY: 'ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'failed',
} as const satisfies Record<StatusWord, LoggedModelStatus>;

/** A status of a model as clients write it. */
export function fromModelStatus(status: LoggedModelStatus): StatusWord {
  return wordOf[status];
}

/** A status that a client reports. */
export function toModelStatus(word: StatusWord): LoggedModelStatus {
  return statusOf[word];
}
