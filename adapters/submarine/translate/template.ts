import { CoreError } from '../../../src/core/errors.js';
import type { Template } from '../../../src/core/model.js';
import { millisFromMicros } from '../../../src/core/time.js';
import type { TemplateInput } from '../../../src/services/documents/documents.js';
import { type ExperimentSpecInput, experimentSpecInput } from '../wire/experiment-spec.js';
import type { TemplateSpecInput, TemplateWire } from '../wire/template.js';
import { textOf } from './json.js';
import { withoutSecrets } from './source.js';
import { checkParameters, parametersOf } from './template-parameters.js';

/**
 * A template to be stored, kept as sent.
 *
 * @throws CoreError `invalid` when parameters and placeholders do not fit.
 */
export function toTemplate(sent: TemplateSpecInput): TemplateInput {
  const document = { ...sent, experimentSpec: withoutSecrets(sent.experimentSpec) };
  checkParameters(document);
  return { name: sent.name, document };
}

/** A stored template as Submarine shows it, with the parameters that it adds by itself. */
export function fromTemplate(template: Template): TemplateWire {
  const { document } = template;
  return {
    experimentTemplateId: { id: template.sequence, serverTimestamp: millisFromMicros(template.createdAt) },
    experimentTemplateSpec: {
      name: template.name,
      author: textOf(document.author),
      description: textOf(document.description),
      parameters: parametersOf(document),
      // Checked by that very schema when it was stored.
      experimentSpec: document.experimentSpec as ExperimentSpecInput,
    },
  };
}

/**
 * What a filled template asks for.
 *
 * @throws CoreError `invalid` if a value makes it an experiment that could not be sent either.
 */
export function parseFilled(document: unknown): ExperimentSpecInput {
  const parsed = experimentSpecInput.safeParse(document);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  throw new CoreError(
    { code: 'invalid', issues },
    issues
      .map(({ path, message }) => `${path}: ${message}`)
      .join('; ')
      .slice(0, 2000),
  );
}
