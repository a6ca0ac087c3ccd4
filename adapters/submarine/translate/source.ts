import type { SpecSource } from '../../../src/core/spec.js';
import type { BodyMediaType } from '../../../src/http/body.js';
import { parseYaml } from '../../../src/http/parse-yaml.js';
import { isRecord } from './json.js';

/** A body as it came. */
export interface SentBody {
  readonly mediaType: BodyMediaType;
  readonly text: string;
}

/**
 * What is kept of a sent spec, always as JSON, so that a stored one is read with nothing but
 * `JSON.parse`: JSON byte for byte; YAML as its document (JSON is YAML, so the media type stays true).
 * A git password is a secret and is left out.
 */
export function toSource({ mediaType, text }: SentBody): SpecSource {
  if (mediaType === 'application/yaml') return sourceOf(parseYaml(text), mediaType);
  return text.includes('password')
    ? sourceOf(JSON.parse(text), mediaType)
    : { dialect: 'submarine', mediaType, text };
}

/** The source of a document that was never text, such as a filled template. */
export function sourceOf(document: unknown, mediaType: BodyMediaType): SpecSource {
  return { dialect: 'submarine', mediaType, text: JSON.stringify(withoutSecrets(document)) };
}

/** A spec without the password of its code. */
export function withoutSecrets(document: unknown): unknown {
  if (!isRecord(document) || !isRecord(document.code) || !isRecord(document.code.git)) return document;
  const { password: _, ...git } = document.code.git;
  return { ...document, code: { ...document.code, git } };
}
