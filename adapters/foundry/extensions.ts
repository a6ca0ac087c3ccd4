import type { Tag } from '../../src/core/params.js';
import { fromTags } from '../../src/core/tag-list.js';

/**
 * What this dialect shows and the core has no word for: tags of these keys, so that every client can write them:
 * as a key with a value, or, where tags are a list, as the one text `foundry.branch=dev`.
 */
export const fieldKeys = {
  branch: 'foundry.branch',
  jobRid: 'foundry.jobRid',
  linkedModelVersion: 'foundry.linkedModelVersion',
  source: 'foundry.source',
} as const;

export type FieldName = keyof typeof fieldKeys;

/** What a text in a list of tags begins with that gives this field. */
export function labelPrefix(field: FieldName): string {
  return `${fieldKeys[field]}=`;
}

/** True for a text of a list of tags that gives one of the fields: it is shown as that alone. */
export function isField(text: string): boolean {
  return Object.keys(fieldKeys).some((field) => text.startsWith(labelPrefix(field as FieldName)));
}

/** What the tags give a field; null for nothing. A key with a value goes before a label. */
export function fieldOf(tags: readonly Tag[], field: FieldName): string | null {
  const value = tags.find(({ key }) => key === fieldKeys[field])?.value;
  if (value !== undefined && value !== null && value !== '') return value;
  const prefix = labelPrefix(field);
  const label = tags.find((tag) => tag.value === null && tag.key.startsWith(prefix) && tag.key !== prefix);
  return label === undefined ? null : label.key.slice(prefix.length);
}

/** The list of tags without those that give fields. */
export function shownTags(tags: readonly Tag[]): string[] {
  return fromTags(tags).filter((text) => !isField(text));
}
