import { join } from 'node:path';
import type { Run } from '../../src/core/model.js';
import { experimentIdOf } from './translate/ids.js';
import { recordFile } from './translate/records.js';

/**
 * The variables that Submarine gives every container. Its SDK finds its experiment by JOB_ID. The
 * folder of TensorBoard logs is `/logs/mylog` there, a shared volume; here it is relative, so that a
 * local process, which cannot write to `/`, has it in its own working folder. What the SDK logs it writes to a
 * database, MySQL's of the cluster if it is told of no other; here each job has one of its own, in its inbox.
 */
export function jobEnvironment(
  run: Run,
  settings: { readonly storeCreatedAtMs: number; readonly jobUrl: string; readonly inbox: string },
): Readonly<Record<string, string>> {
  return {
    JOB_ID: experimentIdOf(run.key, settings.storeCreatedAtMs),
    SUBMARINE_TRACKING_URI: settings.jobUrl,
    SUBMARINE_TENSORBOARD_LOG_DIR: 'logs/mylog',
    ...databaseUri(join(settings.inbox, recordFile)),
  };
}

/** SQLAlchemy ends the path at a question mark, and knows no way to write one: then the job is told of no database. */
function databaseUri(file: string): Readonly<Record<string, string>> {
  return file.includes('?') ? {} : { SUBMARINE_DB_URI: `sqlite:///${file}` };
}
