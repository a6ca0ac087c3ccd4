import { problemAt, quoted, type Source, unusableAt } from '../../../src/http/source-text.js';
import { type Comparison, type Token, tokenize } from './tokens.js';

/*
 * query     = [condition] {"," [condition]}
 * condition = name ":" operation
 * operation = ["~"] (comparison value | value {"|" value} | value ".." value)
 * sort      = [term] {"," [term]}
 * term      = ["-"] name
 *
 * A name runs to the first colon, a value to the next sign that ends it; other signs in them are text.
 * Blanks around each are free.
 */

/** Characters of a query or a sort. */
const longest = 10_000;

/** A piece of text without the blanks around it; never empty. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** What is asked of a field. Which forms it takes is the field's to say. */
export interface Operation {
  readonly negated: boolean;
  /** From behind the colon, as it was sent. */
  readonly sent: Word;
  readonly comparison: Comparison | null;
  /** Where there is a sign between values. */
  readonly barAt: number | null;
  readonly rangeAt: number | null;
  /** What stands between the bars, or where there is none between the signs of ranges. */
  readonly values: readonly Word[];
}

export interface Condition {
  readonly name: Word;
  readonly operation: Operation;
}

/**
 * The conditions of a query; all of them must hold. A blank text has none.
 *
 * @throws CoreError `invalid`, with the place.
 */
export function readConditions(source: Source): readonly Condition[] {
  return readParts(source).map((part) => readCondition(source, part));
}

/** A term of a sort. */
export interface SortTerm {
  readonly name: Word;
  readonly descending: boolean;
}

/**
 * The terms of a sort. A blank text has none.
 *
 * @throws CoreError `invalid`, with the place.
 */
export function readTerms(source: Source): readonly SortTerm[] {
  return readParts(source).flatMap((part) => {
    const term = wordOf(source, part);
    if (term === null) return [];
    if (!term.text.startsWith('-')) return { name: term, descending: false };
    const name = term.text.slice(1).trimStart();
    if (name === '') throw problemAt(source, term.at, 'behind "-" a field is expected');
    const at = term.at + term.text.length - name.length;
    return { name: { text: name, at }, descending: true };
  });
}

/** Tokens, and where they begin or would begin. */
interface Part {
  readonly at: number;
  readonly tokens: readonly Token[];
}

/** What stands between the commas, without what is blank. */
function readParts(source: Source): readonly Part[] {
  const { text } = source;
  if (text.length > longest) throw problemAt(source, longest, `this may have ${longest} characters at most`);
  const unusable = unusableAt(text);
  if (unusable !== null) throw problemAt(source, unusable, 'there is a character that no text can have');
  if (text.trim() === '') return [];
  const all = splitAt({ at: 0, tokens: tokenize(text) }, 'comma');
  const parts = all.filter((part) => wordOf(source, part) !== null);
  if (parts.length === 0) throw problemAt(source, 0, 'there is nothing between the commas');
  return parts;
}

function splitAt({ at, tokens }: Part, kind: Token['kind']): readonly Part[] {
  const parts: Part[] = [];
  let part: Token[] = [];
  let start = at;
  for (const token of tokens) {
    if (token.kind !== kind) part.push(token);
    else {
      parts.push({ at: start, tokens: part });
      part = [];
      start = token.end;
    }
  }
  return [...parts, { at: start, tokens: part }];
}

function readCondition(source: Source, { at, tokens }: Part): Condition {
  const end = tokens.at(-1)?.end ?? at;
  const colon = tokens.find((token) => token.kind === 'colon');
  if (colon === undefined) throw problemAt(source, end, 'a ":" and what is asked of the field are expected');
  const place = tokens.indexOf(colon);
  const name = wordOf(source, { at, tokens: tokens.slice(0, place) });
  if (name === null) throw problemAt(source, colon.at, 'before ":" the name of a field is expected');
  const rest = { at: colon.end, tokens: tokens.slice(place + 1) };
  const sent = wordOf(source, rest);
  if (sent === null) throw problemAt(source, colon.end, `behind ${quoted(name.text)} a value is expected`);
  return { name, operation: readOperation(source, sent, rest) };
}

function readOperation(source: Source, sent: Word, whole: Part): Operation {
  let rest = withoutBlank(source, whole);
  const negated = rest.tokens[0]?.kind === 'tilde';
  if (negated) rest = withoutBlank(source, withoutFirst(rest));
  const comparison = comparisonOf(rest.tokens[0]);
  if (comparison !== null) rest = withoutFirst(rest);
  const placeOf = (kind: Token['kind']) => rest.tokens.find((token) => token.kind === kind)?.at ?? null;
  const barAt = placeOf('bar');
  const values = splitAt(rest, barAt === null ? 'range' : 'bar').map((part) => {
    const value = wordOf(source, part);
    if (value === null) throw problemAt(source, part.at, 'a value is expected');
    return value;
  });
  return { negated, sent, comparison, barAt, rangeAt: placeOf('range'), values };
}

function comparisonOf(token: Token | undefined): Comparison | null {
  switch (token?.kind) {
    case '<':
    case '<=':
    case '>':
    case '>=':
      return token.kind;
    default:
      return null;
  }
}

function withoutBlank(source: Source, part: Part): Part {
  const [first] = part.tokens;
  const isBlank = first !== undefined && wordOf(source, { at: first.at, tokens: [first] }) === null;
  return isBlank ? withoutFirst(part) : part;
}

function withoutFirst({ at, tokens }: Part): Part {
  return { at: tokens[0]?.end ?? at, tokens: tokens.slice(1) };
}

/** All that these tokens cover; null if that is blank. */
function wordOf({ text }: Source, { tokens }: Part): Word | null {
  const [first] = tokens;
  if (first === undefined) return null;
  const raw = text.slice(first.at, tokens.at(-1)?.end);
  const trimmed = raw.trim();
  if (trimmed === '') return null;
  return { text: trimmed, at: first.at + raw.length - raw.trimStart().length };
}
