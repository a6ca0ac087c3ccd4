/**
 * What one dialect says of a run and the other does not show, with the reason. The test asks of every field of
 * the two schemas that it is here or among those that cross, so that none is lost without a word.
 */

/** Fields of Polyaxon's experiments that Submarine shows, and where. */
export const shownInSubmarine = {
  uuid: 'uid',
  name: 'name, spec.meta.name',
  created_at: 'acceptedTime',
  started_at: 'runningTime',
  finished_at: 'finishedTime',
  last_status: 'status',
  tags: 'spec.meta.tags',
  config: 'spec',
  framework: 'spec.meta.framework',
  resources: 'spec.spec.*.resources',
  params: '/api/param/selective',
  declarations: '/api/param/selective',
  last_metric: '/api/metric/selective',
  num_jobs: 'logContent',
} as const;

/** Fields of Polyaxon's experiments that Submarine's have no place for. */
export const notInSubmarine = {
  id: 'Submarine counts over all projects: experimentId',
  unique_name: 'made of owner, project and id, which Submarine has not',
  project: 'Submarine has one project and shows the runs of all',
  user: 'Submarine has no creator',
  description: 'Submarine has none',
  readme: 'Submarine has none; kept in the extensions',
  updated_at: 'Submarine shows only when the run moved',
  original: 'Submarine has no runs that are made of others',
  is_clone: 'as original',
  experiment_group: 'Submarine has no groups',
  build_job: 'Submarine has no builds',
  content: 'the text is its own dialect’s: Submarine shows what it says',
  has_tensorboard: 'Submarine has one TensorBoard for all, which Franca does not serve',
  bookmarked: 'Submarine has no bookmarks',
  backend: 'Submarine has none',
  run_env: 'Submarine has none; kept in the extensions',
  data_refs: 'Submarine has none; kept in the extensions',
  is_managed: 'Submarine starts all of its runs',
  ttl: 'Submarine has none; kept in the extensions',
  total_run: 'made of two times, which Submarine shows',
} as const;

/** Sections of a Polyaxonfile that Submarine shows, and where. */
export const sectionsInSubmarine = {
  name: 'name',
  tags: 'spec.meta.tags',
  params: '/api/param/selective',
  declarations: '/api/param/selective',
  framework: 'spec.meta.framework',
  environment: 'spec.spec: replicas, requests but for TPUs, variables',
  build: 'spec.environment.image: the image',
  run: 'spec.meta.cmd',
} as const;

/** Sections of a Polyaxonfile that have no place there. */
export const sectionsNotInSubmarine = {
  version: 'of the file, not of the run',
  kind: 'of the file, not of the run',
  logging: 'Submarine has no level of logging',
  description: 'Submarine has none',
  inputs: 'filled into the command',
  outputs: 'Submarine has none',
  backend: 'Submarine has none',
} as const;

/** Fields of Submarine's experiments and specs that Polyaxon shows, and where. */
export const shownInPolyaxon = {
  uid: 'uuid',
  name: 'name',
  status: 'last_status',
  acceptedTime: 'created_at',
  createdTime: 'statuses',
  runningTime: 'started_at',
  finishedTime: 'finished_at',
  'spec.meta.name': 'name',
  'spec.meta.framework': 'framework',
  'spec.meta.cmd': 'config.run.cmd',
  'spec.meta.envVars': 'config.environment.env_vars',
  'spec.meta.tags': 'tags',
  'spec.environment': 'config.build.image',
  'spec.spec': 'resources, jobs, config.environment.replicas',
  'spec.code': 'coderef: git_url, branch',
} as const;

/** Fields of Submarine's experiments and specs that Polyaxon's have no place for. */
export const notInPolyaxon = {
  experimentId: 'Polyaxon counts within the project: id',
  'spec.meta.namespace': 'Polyaxon has none; kept in the source',
  'spec.meta.experimentId': 'as experimentId',
  'spec.experimentHandlerSpec': 'Polyaxon has none; kept in the source',
} as const;
