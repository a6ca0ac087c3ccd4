/** What stands behind an owner and a project and is not served, by its word in the path. */
const ofProjects: Readonly<Record<string, string>> = {
  groups: 'experiment groups are',
  jobs: 'jobs of a project are',
  builds: 'builds are',
  notebook: 'notebooks are',
  ci: 'continuous integration is',
  repo: 'code from another repository is',
};

/** What an experiment has and is not served. */
const ofExperiments: Readonly<Record<string, string>> = {
  impersonatetoken: 'impersonation is',
};

/** What a path below /api/v1 asks for that Franca does not serve; null for a path that Polyaxon has not either. */
export function unsupportedPath(path: string): string | null {
  const [, , , , , section = '', , action = ''] = path.split('/');
  const what = section === 'experiments' ? ofExperiments[action] : ofProjects[section];
  return what === undefined ? null : `${what} not served by Franca`;
}
