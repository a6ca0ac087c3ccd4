/** What a param's text stands for. */
export type ParamType = 'string' | 'integer' | 'double' | 'boolean' | 'datetime' | 'json';

/** An input of a run. `text` is exact as logged; `number` is for filters and orders alone. */
export interface Param {
  readonly key: string;
  readonly type: ParamType;
  readonly text: string;
  readonly number: number | null;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** The number that a text stands for, for filters: clients send `0.5` as a text, too. Null for none. */
function numberOf(text: string): number | null {
  const value = text.length <= 64 && decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A value as JSON has it, as a param. */
export function paramOf(key: string, value: unknown): Param {
  switch (typeof value) {
    case 'string':
      return { key, type: 'string', text: value, number: numberOf(value) };
    case 'number': {
      const type = Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'double';
      return { key, type, text: Object.is(value, -0) ? '-0' : String(value), number: value };
    }
    case 'bigint':
      return { key, type: 'integer', text: String(value), number: Number(value) };
    case 'boolean':
      return { key, type: 'boolean', text: String(value), number: null };
    default:
      return { key, type: 'json', text: JSON.stringify(value ?? null), number: null };
  }
}

/** A label (`value` null) or a key with a value. */
export interface Tag {
  readonly key: string;
  readonly value: string | null;
}
