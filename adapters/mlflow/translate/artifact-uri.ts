import { uuidToHex } from '../../../src/core/ids.js';
import type { Project, Run } from '../../../src/core/model.js';
import { projectExtensionOf } from '../extensions.js';

/** Addresses through the proxy: clients put and get files by Franca, wherever it keeps them. */
const scheme = 'mlflow-artifacts:';

/** Where the artifacts of a run are: below the proxy's `<experiment>/<run>/artifacts`. */
export function runArtifactUri(project: Pick<Project, 'number'>, run: Pick<Run, 'id'>): string {
  return `${scheme}/${project.number}/${uuidToHex(run.id)}/artifacts`;
}

/** Where an experiment's artifacts are, as its client asked for, else through the proxy. */
export function experimentArtifactUri(project: Project): string {
  return projectExtensionOf(project).artifactLocation ?? `${scheme}/${project.number}`;
}
