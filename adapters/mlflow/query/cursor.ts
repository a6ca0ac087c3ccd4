import type { CoreError } from '../../../src/core/errors.js';
import { problemAt, quoted, type Source, unusableAt } from '../../../src/http/source-text.js';
import { type Token, tokenize } from './tokens.js';

/** Characters of a filter or of a term of an order. A list of 1000 ids of runs has 36 000. */
const longest = 100_000;

/** Reads the tokens of a text from left to right. */
export class Cursor {
  private place = 0;
  private readonly tokens: readonly Token[];

  /** @throws CoreError `invalid` for a text that is too long or has characters that no text can have. */
  constructor(readonly source: Source) {
    const { text } = source;
    if (text.length > longest)
      throw problemAt(source, longest, `this may have ${longest} characters at most`);
    const unusable = unusableAt(text);
    if (unusable !== null) throw problemAt(source, unusable, 'there is a character that no text can have');
    this.tokens = tokenize(text);
  }

  get next(): Token | undefined {
    return this.tokens[this.place];
  }

  /** Where the next token begins; at the end, behind the last. */
  get at(): number {
    return this.next?.at ?? this.end;
  }

  /** Where the token before the next one ends. */
  get end(): number {
    return this.tokens[this.place - 1]?.end ?? 0;
  }

  /** Goes past the next token, if it is of this kind. */
  take(kind: Token['kind']): Token | null {
    const token = this.next;
    if (token?.kind !== kind) return null;
    this.place += 1;
    return token;
  }

  /** Goes past the next token, if it is of one of these kinds and no blank is before it. */
  takeAdjacent(...kinds: readonly Token['kind'][]): Token | null {
    const token = this.next;
    if (token === undefined || token.at !== this.end || !kinds.includes(token.kind)) return null;
    return this.take(token.kind);
  }

  /** Goes past the next token, if it is this word, in any case. */
  takeWord(word: string): Token | null {
    return this.next?.text.toUpperCase() === word ? this.take('name') : null;
  }

  /** The error of what stands here instead of what was expected. */
  expected(what: string): CoreError {
    const token = this.next;
    if (token === undefined) return problemAt(this.source, this.at, `${what} is expected`);
    if (token.kind === 'unclosed')
      return problemAt(this.source, token.at, `nothing closes the quote ${token.text.slice(0, 1)}`);
    return problemAt(this.source, token.at, `${what} is expected, not ${quoted(token.text)}`);
  }
}
