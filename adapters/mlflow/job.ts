import { uuidToHex } from '../../src/core/ids.js';
import type { JobTold } from '../../src/services/lifecycle/tell-jobs.js';

/**
 * The variables by which the mlflow client in a job logs into its own run: `mlflow.start_run()` takes the run of
 * MLFLOW_RUN_ID up. With the token of a run, requests are in the workspace of that run, whatever they name.
 */
export function jobEnvironment(
  { run, project, token }: JobTold,
  settings: { readonly jobUrl: string },
): Readonly<Record<string, string>> {
  return {
    MLFLOW_TRACKING_URI: settings.jobUrl,
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_RUN_ID: uuidToHex(run.id),
    MLFLOW_EXPERIMENT_ID: String(project.number),
  };
}
