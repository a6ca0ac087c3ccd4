import type { JobTold } from '../../src/services/lifecycle/tell-jobs.js';
import { experimentRidOf, modelRidOf } from './translate/rids.js';

/**
 * The variables from which the SDK takes its address and token, and by which a program finds its own run. The SDK takes
 * its scheme from its program alone: `Config(scheme="http")`.
 */
export function jobEnvironment(
  { run, project, token }: Pick<JobTold, 'run' | 'project' | 'token'>,
  settings: { readonly jobUrl: string },
): Readonly<Record<string, string>> {
  return {
    FOUNDRY_HOSTNAME: settings.jobUrl.replace(/^https?:\/\//, ''),
    FOUNDRY_TOKEN: token,
    FOUNDRY_MODEL_RID: modelRidOf(project.id),
    FOUNDRY_EXPERIMENT_RID: experimentRidOf(run.id),
  };
}
