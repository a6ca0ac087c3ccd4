import { type CoreError, invalid } from '../core/errors.js';

/** A text in a language of its own, such as a query, and the name of the parameter that it came in. */
export interface Source {
  readonly parameter: string;
  readonly text: string;
}

/**
 * The error at a place of the source: `query: at 12: …`. The place counts characters, from 1.
 *
 * @param at an index into the text.
 */
export function problemAt({ parameter, text }: Source, at: number, message: string): CoreError {
  const column = [...text.slice(0, at)].length + 1;
  return invalid(parameter, `at ${column}: ${message}`);
}

/** A piece of the client's text as errors quote it. */
export function quoted(text: string): string {
  return `"${shown(text)}"`;
}

/** A piece of the client's text as errors show it: short, and with nothing that cannot be printed. */
export function shown(text: string): string {
  const characters = [...text.slice(0, 200)];
  const first = characters.slice(0, 60).map((character) => (isPrintable(character) ? character : '\ufffd'));
  return `${first.join('')}${characters.length > 60 ? '…' : ''}`;
}

/** Where there is a character that no run can have in a text: a NUL, or half of a pair. */
export function unusableAt(text: string): number | null {
  let at = 0;
  for (const character of text) {
    if (character === '\0' || isHalf(character)) return at;
    at += character.length;
  }
  return null;
}

function isPrintable(character: string): boolean {
  return character >= ' ' && character !== '\x7f' && !isHalf(character);
}

function isHalf(character: string): boolean {
  return character.length === 1 && character >= '\ud800' && character <= '\udfff';
}
