import {
  and,
  attribute,
  compare,
  endsWith,
  type Field,
  type Filter,
  match,
  not,
  oneOf,
  or,
  param,
} from '../../../src/core/query.js';
import { taggedWith } from '../../../src/core/tag-list.js';
import { shownStatuses } from '../translate/status.js';
import type { Word } from './grammar.js';
import { readNumber, readWhole } from './numbers.js';
import { shownIn } from './statuses.js';

/** What of a request decides the meaning of names. */
export interface QueryContext {
  /** The name of the workspace whose runs are searched. */
  readonly owner: string;
}

/** Says what is wrong with a value; gives the error to throw. */
export type Refuse = (value: Word, expected: string) => Error;

/** The runs of which a field has one of these values. */
export type ValueTest = (values: readonly Word[], context: QueryContext, refuse: Refuse) => Filter;

/** A field that is compared with values. */
export const valueFields: ReadonlyMap<string, ValueTest> = new Map<string, ValueTest>([
  ['id', whole(attribute('number'))],
  ['status', status],
  ['user', user],
  ['user.username', user],
  ['user.id', whole(attribute('createdByKey'))],
  ['project', project],
  ['project.id', whole(attribute('projectNumber'))],
  ['group', reference(attribute('groupRef'), [])],
  ['build', reference(attribute('buildRef'), ['builds'])],
  ['backend', plain(attribute('backend'))],
  ['framework', plain(attribute('framework'))],
  ['commit', plain(attribute('codeCommit'))],
  ['tags', tags],
  ['independent', independent],
]);

function plain(field: Field): ValueTest {
  return (values) => oneOf(field, textsOf(values));
}

function textsOf(values: readonly Word[]): readonly string[] {
  return [...new Set(values.map((value) => value.text))];
}

function whole(field: Field): ValueTest {
  return (values, _context, refuse) => {
    const numbers = values.map((value) => {
      const number = readWhole(value.text);
      if (number === null) throw refuse(value, 'takes whole numbers');
      return number;
    });
    return oneOf(field, numbers);
  };
}

function status(values: readonly Word[], _context: QueryContext, refuse: Refuse): Filter {
  for (const value of values)
    if (!shownStatuses.some((shown) => shown === value.text))
      throw refuse(value, `takes one of ${shownStatuses.join(', ')}`);
  return shownIn(textsOf(values));
}

/** Names of users are compared without case. */
function user(values: readonly Word[]): Filter {
  return or(...textsOf(values).map((text) => match(attribute('createdBy'), [text], { ignoreCase: true })));
}

/** By name, or by owner and name. */
function project(values: readonly Word[], { owner }: QueryContext): Filter {
  const slugs = textsOf(values).flatMap((text) => {
    const [first, ...rest] = text.split('.');
    if (rest.length === 0) return [text];
    return isOwner(first, owner) ? [rest.join('.')] : [];
  });
  return oneOf(attribute('projectSlug'), slugs);
}

/**
 * What a client named by a number within the project or by its unique name, `owner.project.[kind.]number`, is
 * found by either.
 */
function reference(field: Field, kinds: readonly string[]): ValueTest {
  return (values, { owner }) => {
    const texts = textsOf(values);
    const others = texts.flatMap((text) => {
      if (readWhole(text) !== null) return [endsWith(field, `.${text}`)];
      const parts = text.split('.');
      const [first, slug = '', ...rest] = parts;
      const number = rest.at(-1) ?? '';
      const isUnique = rest.length === 1 || (rest.length === 2 && kinds.includes(rest[0] ?? ''));
      if (!isUnique || !isOwner(first, owner) || readWhole(number) === null) return [];
      return [and(compare(field, 'eq', number), compare(attribute('projectSlug'), 'eq', slug))];
    });
    return or(oneOf(field, texts), ...others);
  };
}

function isOwner(name: string | undefined, owner: string): boolean {
  return name?.toLowerCase() === owner.toLowerCase();
}

function tags(values: readonly Word[]): Filter {
  return taggedWith(textsOf(values));
}

/** Runs that are in no group. */
function independent(values: readonly Word[], _context: QueryContext, refuse: Refuse): Filter {
  const inGroup = { kind: 'exists', field: attribute('groupRef') } as const;
  const wanted = new Set(
    values.map((value) => {
      const text = value.text.toLowerCase();
      if (text !== 'true' && text !== 'false') throw refuse(value, 'takes true or false');
      return text === 'true';
    }),
  );
  return or(...[...wanted].map((yes) => (yes ? not(inGroup) : inGroup)));
}

/** A param that was logged with this text, as this number, or as this truth, in whatever form. */
export function paramIn(key: string, values: readonly Word[]): Filter {
  const texts = textsOf(values);
  const numbers = texts.flatMap((text) => {
    const number = readNumber(text);
    return number !== null && Number.isFinite(number) ? [number] : [];
  });
  const written = texts.flatMap((text) => [text, ...(truths.get(text.toLowerCase()) ?? [])]);
  const byText = oneOf(param(key), [...new Set(written)]);
  if (numbers.length === 0) return byText;
  return or(byText, oneOf(param(key, 'number'), numbers));
}

const truths: ReadonlyMap<string, readonly string[]> = new Map([
  ['true', ['true', 'True']],
  ['false', ['false', 'False']],
]);

/** A text, or with `%` at its start or end a part of one, which is found in any case. */
export function textIn(field: Field, values: readonly Word[], refuse: Refuse): Filter {
  const tests = values.map((value) => {
    const { text } = value;
    const open = text.startsWith('%');
    const close = text.endsWith('%');
    if (!open && !close) return compare(field, 'eq', text);
    const piece = text.slice(open ? 1 : 0, close ? -1 : undefined).trim();
    if (piece === '' || piece.includes('%')) throw refuse(value, textForms);
    const pattern = [...(open ? [anyText] : []), piece, ...(close ? [anyText] : [])];
    return match(field, pattern, { ignoreCase: true });
  });
  return or(...tests);
}

/** What a text is compared with. */
export const textForms = 'takes a text, texts a|b, %x, x% or %x%';

const anyText = { wildcard: 'any' } as const;
