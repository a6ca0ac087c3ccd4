import type { Tag } from './params.js';
import { and, compare, type Filter, label, not, oneOf, or, tag } from './query.js';
import { bookkeepingPrefix } from './tracking-tags.js';

/** A tag in a list of texts: a key with a value as `key=value`; null for what is not shown. */
function shown({ key, value }: Tag): string | null {
  if (value === null) return key;
  return key.startsWith(bookkeepingPrefix) ? null : `${key}=${value}`;
}

/** Tags as the one list of texts that some dialects have, each text once. */
export function fromTags(tags: readonly Tag[]): string[] {
  return [...new Set(tags.map(shown).filter((text) => text !== null))];
}

/** A list of a new run's: each is a label, whatever is in it. */
export function toTags(list: readonly string[]): Tag[] {
  return [...new Set(list)].map((key) => ({ key, value: null }));
}

/**
 * What a new list makes of the tags that are there: what it shows again stays as it is, what it leaves
 * out goes, what is new is a label; tags that are not shown stay. A key has one tag: a label of the same
 * key as a tag that stays is that tag.
 */
export function retag(list: readonly string[], present: readonly Tag[]): Tag[] {
  const wanted = new Set(list);
  const kept = present.filter((tag) => {
    const text = shown(tag);
    return text === null || wanted.has(text);
  });
  const known = new Set(kept.flatMap((tag) => [shown(tag), tag.key]));
  return [...kept, ...toTags(list.filter((text) => !known.has(text)))];
}

/** The runs whose list of texts has one of these. */
export function taggedWith(texts: readonly string[]): Filter {
  return or(oneOf(label, texts), ...texts.flatMap(keysWithValues));
}

/** A text with more `=` is refused as a filter of too many tests. */
const mostKeys = 50;

/** Every key with a value that is shown as this text. */
function keysWithValues(text: string): readonly Filter[] {
  const filters: Filter[] = [];
  for (let at = text.indexOf('='); at >= 0 && filters.length <= mostKeys; at = text.indexOf('=', at + 1)) {
    const key = text.slice(0, at);
    const value = text.slice(at + 1);
    if (key.startsWith(bookkeepingPrefix)) continue;
    const hasValue = compare(tag(key), 'eq', value);
    // The value of a label is empty too, but it is shown without "=".
    filters.push(value === '' ? and(hasValue, not(compare(label, 'eq', key))) : hasValue);
  }
  return filters;
}
