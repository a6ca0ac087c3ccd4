import { notFound } from '../../../src/core/errors.js';
import { type LoggedModelId, parseUuid, uuidToHex } from '../../../src/core/ids.js';
import type { ModelLink } from '../../../src/core/logged-model.js';
import { pointNumber } from '../../../src/core/metrics.js';
import { millisFromMicros } from '../../../src/core/time.js';
import { exactInteger } from '../../../src/http/to-json.js';
import type { NewModelInput } from '../../../src/services/logged-models/create.js';
import type { LoggedModelView } from '../../../src/services/logged-models/view.js';
import type { ModelInput, ModelWire } from '../wire/logged-model.js';
import type { RunWire } from '../wire/run.js';
import { toWireNumber } from './metrics.js';
import { fromModelStatus } from './model-status.js';
import { fromRunId } from './run.js';

/** A model's id as clients write it. */
export function fromModelId(id: LoggedModelId): string {
  return `m-${uuidToHex(id)}`;
}

/** The model that an id names; null for an id that can name none. */
export function toModelId(id: string): LoggedModelId | null {
  return /^m-[0-9a-f]{32}$/i.test(id) ? (parseUuid(id.slice(2)) as LoggedModelId) : null;
}

/**
 * The model that an id names.
 *
 * @throws CoreError `not_found` for an id that can name none.
 */
export function modelIdOf(id: string): LoggedModelId {
  const modelId = toModelId(id);
  if (modelId === null) throw notFound('loggedModel', `Logged model with ID ${JSON.stringify(id)} not found`);
  return modelId;
}

/** What a client asks for as a new model; without a name it gets the one that is given. */
export function toNewModel(input: ModelInput, name: string): NewModelInput {
  return {
    name: input.name === '' ? name : input.name,
    sourceRef: input.source_run_id || null,
    modelType: input.model_type || null,
    params: input.params.map(({ key, value }) => ({ key, text: value })),
    tags: input.tags,
    extensions: {},
  };
}

/** Where a model's files are: below the proxy's `<experiment>/models/<model>/artifacts`. */
export function modelArtifactUri({ model, project }: Pick<LoggedModelView, 'model' | 'project'>): string {
  return `mlflow-artifacts:/${project.number}/models/${fromModelId(model.id)}/artifacts`;
}

/** A model as it is shown. */
export function fromModel(view: LoggedModelView): ModelWire {
  const { model, project, params, tags, measurements } = view;
  return {
    info: {
      model_id: fromModelId(model.id),
      experiment_id: String(project.number),
      name: model.name,
      creation_timestamp_ms: millisFromMicros(model.createdAt),
      last_updated_timestamp_ms: millisFromMicros(model.updatedAt),
      artifact_uri: modelArtifactUri(view),
      status: fromModelStatus(model.status),
      ...(model.statusMessage === null ? {} : { status_message: model.statusMessage }),
      model_type: model.modelType ?? '',
      source_run_id: model.sourceRef ?? '',
      tags: tags.map(({ key, value }) => ({ key, value: value ?? '' })),
    },
    data: {
      params: params.map(({ key, text }) => ({ key, value: text })),
      metrics: measurements.map((one) => ({
        key: one.key,
        value: toWireNumber(pointNumber(one) ?? Number.NaN),
        timestamp: exactInteger(one.timestampMs),
        step: exactInteger(one.step ?? 0n),
        model_id: fromModelId(model.id),
        run_id: fromRunId(one.runId),
        ...(one.dataset === null ? {} : { dataset_name: one.dataset.name }),
        ...(one.dataset?.digest == null ? {} : { dataset_digest: one.dataset.digest }),
      })),
    },
  };
}

/** The models that a run has read and written, as they are shown with it. */
export function fromLinks(
  links: readonly ModelLink[],
): Pick<RunWire['inputs'], 'model_inputs'> & RunWire['outputs'] {
  const of = (direction: ModelLink['direction']) => links.filter((link) => link.direction === direction);
  return {
    model_inputs: of('input').map(({ modelId }) => ({ model_id: fromModelId(modelId) })),
    model_outputs: of('output').map(({ modelId, step }) => ({
      model_id: fromModelId(modelId),
      step: exactInteger(step),
    })),
  };
}
