import type { Param } from '../../../src/core/params.js';
import { exactInteger } from '../../../src/http/to-json.js';
import type { ParameterValueWire } from '../wire/experiment.js';
import { isTime, toWireTime } from './datetimes.js';

/** How truths are logged: as JSON and as Python write them. */
export const truths = { true: ['true', 'True'], false: ['false', 'False'] } as const;

const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];

function int64Of(text: string): bigint | null {
  if (!/^[+-]?\d{1,19}$/.test(text)) return null;
  const value = BigInt(text.replace('+', ''));
  return value >= least && value <= greatest ? value : null;
}

/**
 * What a param's text is worth, whatever its writer took it for: most write texts alone. A number is one where
 * filters find it as one, whole where the text has digits alone; then truths, and times in UTC; else it is a text.
 */
export function inferParam({ text, number }: Pick<Param, 'text' | 'number'>): ParameterValueWire {
  if (number !== null && Number.isFinite(number)) {
    const whole = int64Of(text);
    return whole === null
      ? { type: 'double', value: number }
      : { type: 'integer', value: exactInteger(whole) };
  }
  for (const value of [true, false]) {
    const texts: readonly string[] = truths[`${value}`];
    if (texts.includes(text)) return { type: 'boolean', value };
  }
  if (isTime(text)) return { type: 'datetime', value: toWireTime(text) };
  return { type: 'string', value: text };
}
