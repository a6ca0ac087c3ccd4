import type { AnyField, Field } from '../../../src/core/query.js';
import { problemAt, quoted, type Source } from '../../../src/http/source-text.js';
import type { SearchField } from './fields.js';
import type { Name } from './grammar.js';

/** What is searched, by what its names mean. */
export interface Subject<F extends AnyField = Field> {
  /** Every word that a name may begin with. */
  readonly kinds: ReadonlyMap<string, NameKind<F>>;
  /** What a name without such a word is of. */
  readonly bare: NameKind<F>;
}

/** What a word before the point means. */
export interface NameKind<F extends AnyField = Field> {
  /** The word for it in errors. */
  readonly word: string;
  /** The field of a key; undefined for a key that there is not. */
  readonly fieldOf: (key: string) => SearchField<F> | undefined;
  /** The keys that there are; null for a kind that has any. */
  readonly keys: readonly string[] | null;
}

/** A kind that has these keys alone; aliases are other keys for some of them. */
export function fixedKind<F extends AnyField = Field>(
  word: string,
  fields: ReadonlyMap<string, SearchField<F>>,
  aliases: ReadonlyMap<string, string> = new Map(),
): NameKind<F> {
  return {
    word,
    fieldOf: (key) => fields.get(aliases.get(key) ?? key),
    keys: [...fields.keys()],
  };
}

/** A kind that has any key. */
export function openKind<F extends AnyField = Field>(
  word: string,
  fieldOf: (key: string) => SearchField<F>,
): NameKind<F> {
  return { word, fieldOf, keys: null };
}

/** A field, and a text that is the same for two names of one field of one kind. */
export interface NamedField<F extends AnyField> {
  readonly field: SearchField<F>;
  readonly identity: string;
}

/**
 * The field that a name means.
 *
 * @throws CoreError `invalid`, with the place, for a name of nothing.
 */
export function fieldNamed<F extends AnyField>(
  source: Source,
  { kind, key, at, text }: Name,
  subject: Subject<F>,
): NamedField<F> {
  const { kinds, bare } = subject;
  const meant = kind === null ? bare : kinds.get(kind);
  if (meant === undefined) {
    const words = [...new Set([...kinds.values()].map(({ word }) => word))].join(', ');
    throw problemAt(source, at, `there are ${words}, not ${quoted(kind ?? '')}`);
  }
  const field = meant.fieldOf(key);
  if (field === undefined)
    throw problemAt(
      source,
      at,
      `there is no ${quoted(text)}; of ${meant.word} there are ${meant.keys?.join(', ')}`,
    );
  return { field, identity: `${meant.word} ${JSON.stringify(field.order)}` };
}
