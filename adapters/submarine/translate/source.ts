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
 */
export function toSource({ mediaType, text }: SentBody): SpecSource {
  const document: unknown = mediaType === 'application/json' ? JSON.parse(text) : parseYaml(text);
  const isWhole = mediaType === 'application/json' && withoutSecrets(document) === document;
  return isWhole ? { dialect: 'submarine', mediaType, text } : sourceOf(document, mediaType);
}

/** The source of a document that was never text, such as a filled template. */
export function sourceOf(document: unknown, mediaType: BodyMediaType): SpecSource {
  return { dialect: 'submarine', mediaType, text: JSON.stringify(withoutSecrets(document)) };
}

/** A spec without the git password of its code, which is never stored; itself if it has none. */
export function withoutSecrets(document: unknown): unknown {
  if (!isRecord(document) || !isRecord(document.code) || !isRecord(document.code.git)) return document;
  const { password, ...git } = document.code.git;
  if (password === undefined || password === null) return document;
  return { ...document, code: { ...document.code, git } };
}
