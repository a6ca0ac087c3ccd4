import type { Param } from '../../../src/core/params.js';

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** What filters compare a text with; the client writes `lr=0.5` on its command line as a text. */
function numberOf(text: string): number | null {
  const value = text.length <= 64 && decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A JSON value as a param. */
export function toParam(key: string, value: unknown): Param {
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

/** The params of a JSON object. */
export function toParams(values: Readonly<Record<string, unknown>>): readonly Param[] {
  return Object.entries(values).map(([key, value]) => toParam(key, value));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A param as a JSON value: what it came from, if it came from one; else by its type, a text where it has no JSON. */
export function fromParam({ type, text }: Param): unknown {
  switch (type) {
    case 'string':
    case 'datetime':
      return text;
    case 'boolean':
      // Python's own words come from other dialects.
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
    case 'integer':
    case 'double': {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return Number.isFinite(value) ? value : text;
    }
    case 'json':
      return parsed(text);
  }
}

/** Params as a JSON object; null for none. */
export function fromParams(params: readonly Param[]): Readonly<Record<string, unknown>> | null {
  if (params.length === 0) return null;
  return Object.fromEntries(params.map((param) => [param.key, fromParam(param)]));
}
