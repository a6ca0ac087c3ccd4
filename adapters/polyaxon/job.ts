import { uuidToHex } from '../../src/core/ids.js';
import type { JobTold } from '../../src/services/lifecycle/tell-jobs.js';
import { logLevelOf } from './translate/config.js';
import { ownedNameOf } from './translate/names.js';
import { fromParams } from './translate/params.js';

/**
 * The variables by which the tracking client in a job finds its own experiment, as Polyaxon 0.5 sets them in
 * the cluster. Its token is a user's to the client; the client would keep an ephemeral one in /tmp and prefer
 * that to every later one.
 */
export function jobEnvironment(
  told: JobTold,
  settings: { readonly jobUrl: string },
): Readonly<Record<string, string>> {
  const { run, project, workspace, params, token, outputs, cluster } = told;
  const projectName = ownedNameOf(workspace, project);
  const { addresses, task } = cluster;
  const isShared = Object.values(addresses).flat().length > 1;
  return {
    POLYAXON_IS_MANAGED: 'true',
    POLYAXON_API_HTTP_HOST: settings.jobUrl,
    POLYAXON_API_WS_HOST: settings.jobUrl.replace(/^http/, 'ws'),
    POLYAXON_SECRET_USER_TOKEN: token,
    POLYAXON_EXPERIMENT_INFO: JSON.stringify({
      project_name: projectName,
      experiment_group_name: null,
      experiment_name: `${projectName}.${run.number}`,
      project_uuid: uuidToHex(project.id),
      experiment_group_uuid: null,
      experiment_uuid: uuidToHex(run.id),
    }),
    POLYAXON_PARAMS: JSON.stringify(fromParams(params)),
    POLYAXON_RUN_OUTPUTS_PATH: outputs,
    POLYAXON_LOG_LEVEL: logLevelOf(told.spec),
    ...(isShared
      ? {
          POLYAXON_CLUSTER: JSON.stringify(addresses),
          POLYAXON_TASK_INFO: JSON.stringify({ type: task.role, index: task.index }),
        }
      : {}),
  };
}
