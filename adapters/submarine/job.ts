import type { Run } from '../../src/core/model.js';
import { experimentIdOf } from './translate/ids.js';

/**
 * The variables that Submarine gives every container. Its SDK finds its experiment by JOB_ID. The
 * folder of TensorBoard logs is `/logs/mylog` there, a shared volume; here it is relative, so that a
 * local process, which cannot write to `/`, has it in its own working folder.
 */
export function jobEnvironment(
  run: Run,
  settings: { readonly storeCreatedAtMs: number; readonly jobUrl: string },
): Readonly<Record<string, string>> {
  return {
    JOB_ID: experimentIdOf(run.key, settings.storeCreatedAtMs),
    SUBMARINE_TRACKING_URI: settings.jobUrl,
    SUBMARINE_TENSORBOARD_LOG_DIR: 'logs/mylog',
  };
}
