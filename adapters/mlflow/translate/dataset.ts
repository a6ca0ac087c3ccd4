import type { RunInput } from '../../../src/core/dataset.js';
import type { DatasetInputWire, DatasetUsed } from '../wire/dataset.js';

/** The tag that says what for (`mlflow.utils.mlflow_tags`). */
const contextTag = 'mlflow.data.context';

/** A dataset that a run used, as clients send it. */
export function toRunInput({ dataset, tags }: DatasetUsed): RunInput {
  return {
    dataset: {
      name: dataset.name,
      digest: dataset.digest,
      sourceType: dataset.source_type,
      source: dataset.source,
      schema: dataset.schema ?? null,
      profile: dataset.profile ?? null,
    },
    context: tags.findLast(({ key }) => key === contextTag)?.value ?? null,
    tags: tags.filter(({ key }) => key !== contextTag),
  };
}

/** A dataset that a run used, as it is shown. */
export function fromRunInput({ dataset, context, tags }: RunInput): DatasetInputWire {
  return {
    dataset: {
      name: dataset.name,
      digest: dataset.digest,
      source_type: dataset.sourceType,
      source: dataset.source,
      ...(dataset.schema === null ? {} : { schema: dataset.schema }),
      ...(dataset.profile === null ? {} : { profile: dataset.profile }),
    },
    tags: [...(context === null ? [] : [{ key: contextTag, value: context }]), ...tags],
  };
}
