/** A piece of a filter or of a term of an order, without blanks; what it means is the grammar's to say. */
export interface Token {
  readonly kind:
    | 'name'
    | 'quoted'
    | 'number'
    | 'sign'
    | 'point'
    | 'comma'
    | 'open'
    | 'close'
    /** A quote that nothing closes, or a character that has no meaning. */
    | 'unclosed'
    | 'other';
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** The pieces of a text, from left to right. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = characterAt(text, at);
    if (character.trim() === '') {
      at += character.length;
      continue;
    }
    const before = tokens.at(-1);
    // In a key a point is never the start of a number: `metrics.5` is not 0.5.
    const inKey = before !== undefined && before.end === at && before.kind !== 'sign';
    const { kind, end } = pieceAt(text, at, inKey);
    tokens.push({ kind, at, end, text: text.slice(at, end) });
    at = end;
  }
  return tokens;
}

interface Piece {
  readonly kind: Token['kind'];
  readonly end: number;
}

function pieceAt(text: string, at: number, inKey: boolean): Piece {
  const character = characterAt(text, at);
  const mark = marks.get(character);
  if (mark === 'point' && !inKey) return numberAt(text, at) ?? { kind: mark, end: at + 1 };
  if (mark !== undefined) return { kind: mark, end: at + 1 };
  if (quotes.has(character)) {
    const end = endOfQuoted(text, at);
    return end === null ? { kind: 'unclosed', end: text.length } : { kind: 'quoted', end };
  }
  if (isSign(character)) return { kind: 'sign', end: endOf(text, at, isSign) };
  return numberAt(text, at) ?? nameAt(text, at) ?? { kind: 'other', end: at + character.length };
}

const marks: ReadonlyMap<string, 'point' | 'comma' | 'open' | 'close'> = new Map([
  ['.', 'point'],
  [',', 'comma'],
  ['(', 'open'],
  [')', 'close'],
]);

const quotes: ReadonlySet<string> = new Set(["'", '"', '`']);

/**
 * Behind the quote that closes the one at this place. A doubled quote and one behind a backslash belong to the text,
 * unless nothing would close it then: `'C:\'` ends with a backslash.
 *
 * @returns null if there is no such quote.
 */
function endOfQuoted(text: string, at: number): number | null {
  const quote = text[at];
  let last: number | null = null;
  let place = at + 1;
  while (place < text.length) {
    const [first, second] = [text[place], text[place + 1]];
    if (first === quote && second !== quote) return place + 1;
    const isDoubled = first === quote;
    const isEscaped = first === '\\' && second === quote && quote !== '`';
    if (isDoubled || isEscaped) last = place + (isDoubled ? 1 : 2);
    place += isDoubled || isEscaped ? 2 : 1;
  }
  return last;
}

/**
 * A number: digits with a sign and a point if need be, or whole or with digits on both sides of the point and an
 * exponent; null if there is none, or if it is the start of a name.
 */
function numberAt(text: string, at: number): Piece | null {
  const start = text[at] === '-' ? at + 1 : at;
  const whole = endOf(text, start, isDigit);
  const hasPoint = text[whole] === '.';
  const mantissa = hasPoint ? endOf(text, whole + 1, isDigit) : whole;
  if (mantissa - start === (hasPoint ? 1 : 0)) return null;
  const hasBoth = whole > start && (!hasPoint || mantissa > whole + 1);
  const end = (hasBoth ? endOfExponent(text, mantissa) : null) ?? mantissa;
  return isNamePart(characterAt(text, end)) ? null : { kind: 'number', end };
}

function endOfExponent(text: string, at: number): number | null {
  if (text[at] !== 'e' && text[at] !== 'E') return null;
  const start = text[at + 1] === '-' ? at + 2 : at + 1;
  const end = endOf(text, start, isDigit);
  return end === start ? null : end;
}

function nameAt(text: string, at: number): Piece | null {
  return isLetter(characterAt(text, at)) ? { kind: 'name', end: endOf(text, at, isNamePart) } : null;
}

/** The end of the characters of a kind that begin at this place. */
function endOf(text: string, at: number, isOfKind: (character: string) => boolean): number {
  let end = at;
  while (end < text.length && isOfKind(characterAt(text, end))) end += characterAt(text, end).length;
  return end;
}

function characterAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

function isSign(character: string): boolean {
  return character !== '' && '<>=~!'.includes(character);
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

/** Letters and digits of every script, and `_`. */
function isLetter(character: string): boolean {
  return letter.test(character);
}

function isNamePart(character: string): boolean {
  return isLetter(character) || character === '$' || character === '#';
}

const letter = /^[\p{L}\p{N}_]$/u;
