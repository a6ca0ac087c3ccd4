/** A piece of a query that may mean something; whether it does is the grammar's to say. */
export interface Token {
  readonly kind: 'text' | 'comma' | 'colon' | 'bar' | 'tilde' | 'range' | Comparison;
  readonly at: number;
  readonly end: number;
}

/** `=<` and `=>` are read as `<=` and `>=`. */
export type Comparison = '<' | '<=' | '>' | '>=';

const signs: ReadonlyMap<string, Token['kind']> = new Map([
  [',', 'comma'],
  [':', 'colon'],
  ['|', 'bar'],
  ['~', 'tilde'],
  ['<', '<'],
  ['>', '>'],
  ['..', 'range'],
  ['<=', '<='],
  ['=<', '<='],
  ['>=', '>='],
  ['=>', '>='],
]);

/** The pieces of a text, without a gap: the longest sign at each place, and the text between signs. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let start = 0;
  let at = 0;
  while (at < text.length) {
    const length = signs.has(text.slice(at, at + 2)) ? 2 : 1;
    const kind = signs.get(text.slice(at, at + length));
    if (kind !== undefined) {
      if (start < at) tokens.push({ kind: 'text', at: start, end: at });
      tokens.push({ kind, at, end: at + length });
      start = at + length;
    }
    at += length;
  }
  if (start < at) tokens.push({ kind: 'text', at: start, end: at });
  return tokens;
}
