import { notFound } from '../../../src/core/errors.js';
import type { MetricPoint } from '../../../src/core/metrics.js';
import { type Param, paramOf, type Tag } from '../../../src/core/params.js';
import type { ModelMeasurement } from '../../../src/services/logged-models/measure.js';
import type { RunBatch } from '../../../src/services/runs/log-batch.js';
import type { RunChange } from '../../../src/services/runs/update.js';
import type { MetricInput } from '../wire/metric.js';
import { modelIdOf } from './logged-model.js';
import { toPoint } from './metrics.js';
import { projectedTags, sortTags, toCodeRef } from './tags.js';

interface SentBatch {
  readonly metrics: readonly MetricInput[];
  readonly params: readonly { readonly key: string; readonly value: string }[];
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** What is logged at once. */
interface Logged {
  readonly points?: readonly MetricPoint[];
  readonly params?: readonly Param[];
  readonly tags?: readonly Tag[];
}

/** What is logged, as the core has it: tags that stand for fields set these, and a name is never taken away. */
export function toLogged({ points = [], params = [], tags: sent = [] }: Logged): RunBatch {
  const { fields, tags } = sortTags(sent);
  const { name, description, parentRef } = fields;
  return {
    batches: [points],
    params: { mode: 'once', params },
    tags,
    patch: {
      ...(name ? { name } : {}),
      ...(description === undefined ? {} : { description }),
      ...(parentRef === undefined ? {} : { parentRef }),
      ...(fields.code === undefined ? {} : { recode: (present) => toCodeRef(present, fields) ?? null }),
    },
  };
}

/** What a value says of a logged model, if it was logged with one. */
function toMeasurement(metric: MetricInput): ModelMeasurement[] {
  const { model_id = '', dataset_name = '', dataset_digest } = metric;
  if (model_id === '') return [];
  const dataset = dataset_name === '' ? null : { name: dataset_name, digest: dataset_digest || null };
  return [{ modelId: modelIdOf(model_id), measurement: { ...toPoint(metric), dataset } }];
}

/** A batch as clients of the real face send it: params are texts. */
export function toBatch({ metrics, params, tags }: SentBatch): RunBatch {
  const logged = toLogged({
    points: metrics.map(toPoint),
    params: params.map(({ key, value }) => paramOf(key, value)),
    tags,
  });
  return { ...logged, measurements: metrics.flatMap(toMeasurement) };
}

/**
 * The change that takes a tag away. The name of a run stays: a run always has one.
 *
 * @throws CoreError `not_found`, when it is made, for a tag that the run does not have.
 */
export function toTagRemoval(key: string): RunChange {
  if (key === projectedTags.name) return {};
  const { fields } = sortTags([{ key, value: null }]);
  const { description, parentRef } = fields;
  if (description !== undefined) return { description };
  if (parentRef !== undefined) return { parentRef };
  if (fields.code !== undefined) return { recode: (present) => toCodeRef(present, fields) ?? null };
  return {
    retag(present) {
      if (!present.some((tag) => tag.key === key))
        throw notFound('tag', `the run has no tag ${JSON.stringify(key)}`);
      return present.filter((tag) => tag.key !== key);
    },
  };
}
