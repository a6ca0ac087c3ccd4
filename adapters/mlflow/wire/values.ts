import { z } from '@hono/zod-openapi';

/**
 * What the fields of requests are made of. As in JSON of protocol buffers, null is as good as absent, a
 * 64-bit integer may come as a text, and a number as one of the words for what JSON cannot hold.
 */

/** The words of a required field that is not there; an empty text is not there either. */
export const missing = 'is missing';

const said = (words: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined || input === null ? missing : words),
});

/** A text that may be absent. */
export const optionalText = z
  .string('must be a text')
  .nullish()
  .transform((text) => text ?? undefined)
  .openapi({ type: 'string' });

/** A text that may be absent, and is then empty. */
export const textOrEmpty = z
  .string('must be a text')
  .nullish()
  .transform((text) => text ?? '')
  .openapi({ type: 'string' });

/** A text that must be there. */
export const requiredText = z.string(said('must be a text')).min(1, missing);

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;
const integerWords = 'must be a whole number of 64 bits';

/** A 64-bit integer in any of its spellings: `7`, `"7"`, `7.0`, `"7.0"`; exact, however large. */
function toInt64(value: number | bigint | string): bigint | null {
  if (typeof value === 'bigint') return value >= least && value <= most ? value : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  const [, digits] = /^\+?(-?\d{1,30})(?:\.0+)?$/.exec(value) ?? [];
  if (digits === undefined) return null;
  const number = BigInt(digits);
  return number >= least && number <= most ? number : null;
}

/** A 64-bit integer that must be there. */
export const requiredInt64 = z
  .union([z.number(), z.bigint(), z.string()], said(integerWords))
  .transform((value, context) => {
    const number = toInt64(value);
    if (number !== null) return number;
    context.addIssue({ code: 'custom', message: value === '' ? missing : integerWords });
    return z.NEVER;
  })
  .openapi({ type: 'integer', format: 'int64' });

/** A 64-bit integer that may be absent. */
export const optionalInt64 = requiredInt64
  .nullish()
  .transform((number) => number ?? undefined)
  .openapi({ type: 'integer', format: 'int64' });

/** A whole number that counts something, as a JavaScript number. */
export const optionalCount = optionalInt64
  .refine((number) => number === undefined || (number >= -(2n ** 31n) && number < 2n ** 31n), integerWords)
  .transform((number) => (number === undefined ? undefined : Number(number)))
  .openapi({ type: 'integer', format: 'int32' });

const words: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['inf', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

function toDouble(value: number | bigint | string): number | null {
  if (typeof value !== 'string') return Number(value);
  const word = words.get(value.trim().toLowerCase().replace(/^\+/, ''));
  if (word !== undefined) return word;
  const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** A number that must be there, NaN and the infinities as texts. */
export const requiredDouble = z
  .union([z.number(), z.bigint(), z.string()], said('must be a number'))
  .transform((value, context) => {
    const number = toDouble(value);
    if (number !== null) return number;
    context.addIssue({ code: 'custom', message: value === '' ? missing : 'must be a number' });
    return z.NEVER;
  })
  .openapi({ type: 'number', format: 'double' });

/** A list that may be absent, and is then empty. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess((list: z.input<T>[] | null | undefined) => list ?? [], z.array(item, 'must be a list'));
}

/** A list of texts in a query: its name comes once for each. */
export const textsInQuery = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((texts) => (texts === undefined ? [] : [texts].flat()))
  .openapi({ type: 'array', items: { type: 'string' } });

/** One of these names, in capitals, or its number: the place in the list, from 1. Another word is as good as absent. */
export function enumOf<const T extends readonly [string, ...string[]]>(names: T) {
  const find = (value: unknown): T[number] | undefined =>
    typeof value === 'number' ? names[value - 1] : names.find((name) => name === value);
  return z
    .unknown()
    .optional()
    .refine((value) => typeof value !== 'number' || value in [0, ...names], 'must be one of the numbers')
    .transform(find)
    .openapi({ type: 'string', enum: [...names] });
}

/** An integer of an answer, exact beyond 2^53. */
export const int64 = z
  .union([z.int(), z.bigint()])
  .openapi({ type: 'integer', format: 'int64', example: 1_707_723_600_000 });

/** A number of an answer: NaN and the infinities are texts, as JSON cannot hold them. */
export const double = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .openapi({ type: 'number', format: 'double', example: 0.25 });

/** Tags and params in answers. */
export const keyValue = z.object({ key: z.string(), value: z.string() }).openapi('KeyValue');

/** The answer of what has nothing to tell. */
export const nothing = z.object({}).openapi('Empty');
