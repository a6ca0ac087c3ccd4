import { invalid } from '../../../src/core/errors.js';
import type { Retag } from '../../../src/services/tags/replace.js';

/** Where clients of before 3 keep the models that a run has logged: a list, as JSON. */
const historyTag = 'mlflow.log-model.history';

const mandatory = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'] as const;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The change of a run's tags that adds a model to those that it has logged.
 *
 * @throws CoreError `invalid` for `model_json` that is no JSON object, or lacks what every model has.
 */
export function toModelHistory(modelJson: string): Retag {
  const model = parsed(modelJson);
  if (typeof model !== 'object' || model === null || Array.isArray(model))
    throw invalid('model_json', 'must be a JSON object');
  const lacking = mandatory.filter((name) => !(name in model));
  if (lacking.length > 0) throw invalid('model_json', `lacks ${lacking.join(', ')}`);
  return (present) => {
    const history = parsed(present.find(({ key }) => key === historyTag)?.value ?? '[]');
    const models = Array.isArray(history) ? history : [];
    const tag = { key: historyTag, value: JSON.stringify([...models, model]) };
    return [...present.filter(({ key }) => key !== historyTag), tag];
  };
}
