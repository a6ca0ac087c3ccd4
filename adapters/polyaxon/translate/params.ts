import { type Param, paramOf } from '../../../src/core/params.js';

/** The params of a JSON object. */
export function toParams(values: Readonly<Record<string, unknown>>): readonly Param[] {
  return Object.entries(values).map(([key, value]) => paramOf(key, value));
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
