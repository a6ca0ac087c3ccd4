import type { LoggedModel, ModelParam, StoredMeasurement } from '../../core/logged-model.js';
import type { Project, Run } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';

/** A model with all that dialects show of it. */
export interface LoggedModelView {
  readonly model: LoggedModel;
  readonly project: Project;
  /** The run that made it, if that is here. */
  readonly sourceRun: Run | null;
  readonly params: readonly ModelParam[];
  readonly tags: readonly Tag[];
  /** Of each metric and dataset what was measured last. */
  readonly measurements: readonly StoredMeasurement[];
}

/** Reads what is shown with these models, with one query a table; a model whose project is gone is left out. */
export async function viewModels(
  read: Repositories,
  models: readonly LoggedModel[],
): Promise<readonly LoggedModelView[]> {
  const keys = models.map((model) => model.key);
  const sources = models.flatMap(({ sourceRunKey }) => (sourceRunKey === null ? [] : [sourceRunKey]));
  const [projects, runs, params, tags, measurements] = await Promise.all([
    read.projects.findMany([...new Set(models.map((model) => model.projectKey))]),
    read.runs.findMany([...new Set(sources)]),
    read.modelParams.list(keys),
    read.modelTags.list(keys),
    read.measurements.latest(keys),
  ]);
  return models.flatMap((model) => {
    const project = projects.get(model.projectKey);
    if (project === undefined) return [];
    const sourceRun = model.sourceRunKey === null ? null : (runs.get(model.sourceRunKey) ?? null);
    return [
      {
        model,
        project,
        sourceRun,
        params: params.get(model.key) ?? [],
        tags: tags.get(model.key) ?? [],
        measurements: measurements.get(model.key) ?? [],
      },
    ];
  });
}

/** Reads what is shown with this model. */
export async function viewModel(read: Repositories, model: LoggedModel): Promise<LoggedModelView> {
  const [view] = await viewModels(read, [model]);
  if (view === undefined) throw new Error('every model has a project');
  return view;
}
