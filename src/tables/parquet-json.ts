import type { ParquetParsers } from 'hyparquet';

/** Nesting of values beyond this is refused. */
const maxDepth = 64;

const unitsOf = { milli: 1_000n, micro: 1_000_000n, nano: 1_000_000_000n } as const;

/** The instant in ISO 8601, with as many digits as its unit has; a number where no such year can be written. */
function timeOf(count: bigint, unit: keyof typeof unitsOf): string | bigint {
  const perSecond = unitsOf[unit];
  const rest = ((count % perSecond) + perSecond) % perSecond;
  const date = new Date(Number((count - rest) / perSecond) * 1000);
  if (Number.isNaN(date.getTime())) return count;
  const digits = String(rest).padStart(String(perSecond).length - 1, '0');
  return `${date.toISOString().slice(0, -5)}.${digits}Z`;
}

function dayOf(days: number): string | number {
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime()) ? days : date.toISOString().slice(0, date.toISOString().indexOf('T'));
}

/** How times are read: exactly, as texts. */
export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (count: bigint) => timeOf(count, 'milli'),
  timestampFromMicroseconds: (count: bigint) => timeOf(count, 'micro'),
  timestampFromNanoseconds: (count: bigint) => timeOf(count, 'nano'),
  dateFromDays: dayOf,
};

/**
 * Rows as the JSON text of a list of objects. Whole numbers are exact; NaN, the infinities and what is not there are
 * null; bytes are in base64. Throws where it would be longer than `longest` characters.
 */
export function rowsJson(rows: readonly Readonly<Record<string, unknown>>[], longest: number): string {
  let text = '[';
  for (const [index, row] of rows.entries()) {
    text += (index === 0 ? '' : ',') + toJson(row, 0);
    if (text.length > longest) throw new Error(`the rows are longer than ${longest} characters`);
  }
  return `${text}]`;
}

function toJson(value: unknown, depth: number): string {
  if (depth > maxDepth) throw new Error(`its values are nested more than ${maxDepth} levels deep`);
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'string':
    case 'number':
    case 'boolean':
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (value instanceof Date) return JSON.stringify(value);
      if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
      if (Array.isArray(value) || ArrayBuffer.isView(value)) return listOf(value as Iterable<unknown>, depth);
      return objectOf(value, depth);
    default:
      return 'null';
  }
}

function listOf(values: Iterable<unknown>, depth: number): string {
  return `[${Array.from(values, (value) => toJson(value, depth + 1)).join(',')}]`;
}

function objectOf(value: object, depth: number): string {
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${toJson(member, depth + 1)}`,
  );
  return `{${members.join(',')}}`;
}
