import { type LoggedModelId, parseUuid, uuidToHex } from '../../../src/core/ids.js';
import type { LoggedModelStatus } from '../../../src/core/logged-model.js';
import { pointNumber } from '../../../src/core/metrics.js';
import { millisFromMicros } from '../../../src/core/time.js';
import type { NewModelInput } from '../../../src/services/logged-models/create.js';
import type { LoggedModelView } from '../../../src/services/logged-models/view.js';
import type { ModelInput, ModelWire, modelStatuses } from '../wire/logged-model.js';
import { toWireNumber } from './metrics.js';
import { fromRunId } from './run.js';
import { toWireInteger } from './time.js';

type StatusWord = (typeof modelStatuses)[number];

const wordOf = {
  pending: 'LOGGED_MODEL_PENDING',
  ready: 'LOGGED_MODEL_READY',
  failed: 'LOGGED_MODEL_UPLOAD_FAILED',
} as const satisfies Record<LoggedModelStatus, StatusWord>;

const statusOf = {
  LOGGED_MODEL_PENDING: 'pending',
  LOGGED_MODEL_READY: 'ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'failed',
} as const satisfies Record<StatusWord, LoggedModelStatus>;

/** A status that a client reports. */
export function toModelStatus(word: StatusWord): LoggedModelStatus {
  return statusOf[word];
}

/** A model's id as clients write it. */
export function fromModelId(id: LoggedModelId): string {
  return `m-${uuidToHex(id)}`;
}

/** The model that an id names; null for an id that can name none. */
export function toModelId(id: string): LoggedModelId | null {
  return /^m-[0-9a-f]{32}$/i.test(id) ? (parseUuid(id.slice(2)) as LoggedModelId) : null;
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
      status: wordOf[model.status],
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
        timestamp: toWireInteger(one.timestampMs),
        step: toWireInteger(one.step ?? 0n),
        model_id: fromModelId(model.id),
        run_id: fromRunId(one.runId),
        ...(one.dataset === null ? {} : { dataset_name: one.dataset.name }),
        ...(one.dataset?.digest == null ? {} : { dataset_digest: one.dataset.digest }),
      })),
    },
  };
}
