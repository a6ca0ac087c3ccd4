/**
 * The number that a text stands for: decimal, with a sign, a point and an exponent if need be, or `nan`,
 * `inf`, `infinity` in any case, as Python writes them. One that is too great for a number is infinite.
 *
 * @returns null if it stands for none.
 */
export function readNumber(text: string): number | null {
  const sign = text.startsWith('-') ? -1 : 1;
  const unsigned = sign < 0 || text.startsWith('+') ? text.slice(1) : text;
  const word = unsigned.toLowerCase();
  if (word === 'nan') return Number.NaN;
  if (word === 'inf' || word === 'infinity') return sign * Number.POSITIVE_INFINITY;
  return isDecimal(word) ? sign * Number(word) : null;
}

/** True for a number that is written without a word. */
function isDecimal(unsigned: string): boolean {
  const whole = digitsFrom(unsigned, 0);
  const hasPoint = unsigned[whole] === '.';
  const end = hasPoint ? digitsFrom(unsigned, whole + 1) : whole;
  if (end - (hasPoint ? 1 : 0) === 0) return false;
  if (end === unsigned.length) return true;
  if (unsigned[end] !== 'e') return false;
  const hasSign = unsigned[end + 1] === '-' || unsigned[end + 1] === '+';
  const exponent = end + (hasSign ? 2 : 1);
  return exponent < unsigned.length && digitsFrom(unsigned, exponent) === unsigned.length;
}

/**
 * The whole number, from 0, that a text stands for.
 *
 * @returns null if it is none, or greater than JavaScript holds exactly.
 */
export function readWhole(text: string): number | null {
  if (text === '' || digitsFrom(text, 0) < text.length) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

/** The end of the digits that begin at this place. */
export function digitsFrom(text: string, place: number): number {
  let end = place;
  while (isDigit(text[end])) end += 1;
  return end;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
