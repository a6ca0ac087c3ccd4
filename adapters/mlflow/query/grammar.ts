import { queryLimits } from '../../../src/core/query.js';
import { problemAt, quoted, type Source } from '../../../src/http/source-text.js';
import { Cursor } from './cursor.js';
import type { Token } from './tokens.js';

/*
 * filter    = {"AND"} {condition {"AND"}}
 * condition = name operation
 * operation = sign value | ["NOT"] ("LIKE" | "ILIKE") value | ["NOT"] "IN" list | "IS" ["NOT"] "NULL"
 * value     = text | number
 * list      = "(" text {"," text} [","] ")"
 * term      = name ["ASC" | "DESC"]
 * name      = [kind "."] key
 *
 * Words are in any case. A text stands in quotes ' or ", and nothing in it has another meaning. A key that has more
 * than letters, digits, "_" and points in it stands in quotes ` or " or '; a kind, or a key without one, may.
 * The server whose language this is takes conditions without an AND between them too.
 */

/** What is tested or sorted by: `metrics.loss` is the key `loss` of the kind `metrics`. */
export interface Name {
  /** null for a name without a point, which is one of an attribute. */
  readonly kind: string | null;
  readonly key: string;
  /** As it was sent. */
  readonly text: string;
  readonly at: number;
}

/** What a name is compared with. */
export type Value =
  | { readonly kind: 'text' | 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'list'; readonly texts: readonly string[]; readonly at: number };

export type Operator = Sign | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

export type Sign = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** `metrics.loss < 0.1`. Which operators and values a name takes is the field's to say. */
export interface Condition {
  readonly name: Name;
  readonly operator: { readonly kind: Operator; readonly text: string; readonly at: number };
  /** null for `IS NULL` and `IS NOT NULL`. */
  readonly value: Value | null;
}

/** A term of an order. */
export interface Term {
  readonly name: Name;
  readonly descending: boolean;
}

/**
 * The conditions of a filter, all of which must hold; an empty text has none.
 *
 * @throws CoreError `invalid`, with the place.
 */
export function readConditions(source: Source): readonly Condition[] {
  const cursor = new Cursor(source);
  const conditions: Condition[] = [];
  if (source.text !== '' && cursor.next === undefined)
    throw problemAt(source, 0, 'there is nothing but blanks');
  while (cursor.next !== undefined)
    if (cursor.takeWord('AND') === null) conditions.push(readCondition(cursor));
  return conditions;
}

/**
 * The one term of this text.
 *
 * @throws CoreError `invalid`, with the place.
 */
export function readTerm(source: Source): Term {
  const cursor = new Cursor(source);
  const { text } = source;
  if (text !== text.trim() && cursor.next !== undefined)
    throw problemAt(
      source,
      text.trimStart() === text ? text.trimEnd().length : 0,
      'a term has no blanks around it',
    );
  const name = readName(cursor);
  const descending = cursor.takeWord('DESC') !== null;
  if (!descending) cursor.takeWord('ASC');
  if (cursor.next !== undefined) throw cursor.expected('ASC, DESC or the end');
  return { name, descending };
}

function readCondition(cursor: Cursor): Condition {
  for (const word of ['OR', 'NOT']) {
    const token = cursor.takeWord(word);
    if (token !== null)
      throw problemAt(cursor.source, token.at, `conditions are joined by AND alone, there is no ${word}`);
  }
  const name = readName(cursor);
  const at = cursor.at;
  const kind = readOperator(cursor);
  const operator = { kind, text: cursor.source.text.slice(at, cursor.end), at };
  switch (kind) {
    case 'IS NULL':
    case 'IS NOT NULL':
      return { name, operator, value: null };
    case 'IN':
    case 'NOT IN':
      return { name, operator, value: readList(cursor) };
    default:
      return { name, operator, value: readValue(cursor) };
  }
}

function readName(cursor: Cursor): Name {
  const at = cursor.at;
  const first = cursor.next?.text.startsWith("'") === true ? null : takeNameOrQuoted(cursor);
  if (first === null) throw cursor.expected('a name, such as metrics.loss,');
  const hasKind = cursor.takeAdjacent('point') !== null;
  const key = hasKind ? readKey(cursor) : unquoted(first);
  const stray = cursor.takeAdjacent('name', 'quoted', 'number', 'point', 'other');
  if (stray !== null)
    throw problemAt(
      cursor.source,
      stray.at,
      `a name with ${quoted(stray.text)} in it must stand in \`quotes\``,
    );
  if (key.length > queryLimits.textLength)
    throw problemAt(cursor.source, at, `a name may have ${queryLimits.textLength} characters at most`);
  const kind = !hasKind ? null : first.text.startsWith('`') ? unquoted(first) : first.text;
  return { kind, key, text: cursor.source.text.slice(at, cursor.end), at };
}

function takeNameOrQuoted(cursor: Cursor): Token | null {
  return cursor.take('name') ?? cursor.take('quoted');
}

function readKey(cursor: Cursor): string {
  const whole = cursor.takeAdjacent('quoted');
  if (whole !== null) return unquoted(whole);
  const start = cursor.end;
  while (cursor.takeAdjacent('name', 'point') !== null);
  if (cursor.end === start) throw problemAt(cursor.source, start, keyExpected);
  return cursor.source.text.slice(start, cursor.end);
}

const keyExpected =
  'behind the point a name is expected, in `quotes` if it has more than letters, digits, "_" and points';

/** What stands between the quotes, as it is: nothing in a text has another meaning. */
function unquoted({ kind, text }: Token): string {
  return kind === 'quoted' ? text.slice(1, -1) : text;
}

function readOperator(cursor: Cursor): Operator {
  const sign = cursor.take('sign');
  if (sign !== null) {
    const known = signs.find((each) => each === sign.text);
    if (known === undefined)
      throw problemAt(
        cursor.source,
        sign.at,
        `there is no operator ${quoted(sign.text)}; there are ${operators}`,
      );
    return known;
  }
  for (const word of ['LIKE', 'ILIKE', 'IN'] as const) if (cursor.takeWord(word) !== null) return word;
  if (cursor.takeWord('NOT') !== null) {
    if (cursor.takeWord('IN') === null) throw cursor.expected('IN');
    return 'NOT IN';
  }
  if (cursor.takeWord('IS') === null) throw cursor.expected(`one of ${operators}`);
  const isNegated = cursor.takeWord('NOT') !== null;
  if (cursor.takeWord('NULL') === null) throw cursor.expected(isNegated ? 'NULL' : 'NULL or NOT NULL');
  return isNegated ? 'IS NOT NULL' : 'IS NULL';
}

const signs = ['=', '!=', '<', '<=', '>', '>='] as const satisfies readonly Sign[];
const operators = [...signs, 'LIKE', 'ILIKE', 'IN', 'NOT IN', 'IS NULL', 'IS NOT NULL'].join(', ');

function readValue(cursor: Cursor): Value {
  const number = cursor.take('number');
  if (number !== null) return { kind: 'number', text: number.text, at: number.at };
  const text = takeText(cursor);
  if (text === null) throw cursor.expected("a number or a text in 'quotes'");
  return { kind: 'text', text: unquoted(text), at: text.at };
}

/** A text in the quotes of values. */
function takeText(cursor: Cursor): Token | null {
  return cursor.next?.text.startsWith('`') === true ? null : cursor.take('quoted');
}

function readList(cursor: Cursor): Value {
  const at = cursor.at;
  if (cursor.take('open') === null) throw cursor.expected("a list ('a', 'b')");
  const texts: string[] = [];
  do {
    if (texts.length > 0 && cursor.take('close') !== null) return { kind: 'list', texts, at };
    const text = takeText(cursor);
    if (text === null) throw cursor.expected("a text in 'quotes'");
    texts.push(unescaped(cursor.source, text));
  } while (cursor.take('comma') !== null);
  if (cursor.take('close') === null) throw cursor.expected('"," or ")"');
  return { kind: 'list', texts, at };
}

/** The texts of a list, and they alone, are written as in Python: a backslash takes the sign behind it as it is. */
function unescaped(source: Source, token: Token): string {
  const text = unquoted(token);
  let result = '';
  for (let place = 0; place < text.length; place += 1) {
    if (text[place] === '\\') {
      place += 1;
      if (!escapable.includes(text[place] ?? ''))
        throw problemAt(source, token.at + place, 'in a list a backslash is written twice');
    }
    result += text[place];
  }
  return result;
}

const escapable: readonly string[] = ['\\', "'", '"'];
