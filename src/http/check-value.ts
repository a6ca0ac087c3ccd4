import { type CoreError, invalid } from '../core/errors.js';

/** The deepest nesting of a body; far above any real one, far below where recursion ends a process. */
export const maxDepth = 64;

/** The error for a body that nests deeper than `maxDepth`. */
export function tooDeep(): CoreError {
  return invalid('', `the body is nested more than ${maxDepth} levels deep`);
}

/** An object or array on its way through the check. */
interface Place {
  readonly value: object;
  readonly name: string | number;
  readonly parent: Place | null;
  readonly depth: number;
}

/** Only spelled out when something is wrong: bodies are many, faults are few. */
function pathOf(place: Place | null, name: string | number): string {
  const names = [name];
  for (let at = place; at?.parent != null; at = at.parent) names.unshift(at.name);
  return names.join('.');
}

const loneSurrogate = /\p{Surrogate}/u;

function textFault(text: string): string | null {
  if (text.includes('\0')) return 'NUL characters are not allowed';
  return loneSurrogate.test(text) ? 'the text is not valid Unicode' : null;
}

function scalarFault(value: unknown, texts: boolean): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'the number is out of range';
  return texts && typeof value === 'string' ? textFault(value) : null;
}

function nameFault(name: string | number, texts: boolean): string | null {
  if (name === '__proto__') return 'the name is not allowed';
  return texts && typeof name === 'string' ? textFault(name) : null;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Refuses what a parser lets through and a store or a schema would choke on: nesting beyond
 * `maxDepth`, numbers that are not finite (`1e999`), the key `__proto__`, and, with `texts`, NUL
 * characters and lone surrogates. Not recursive. Throws CoreError `invalid` with the place.
 */
export function checkValue(root: unknown, texts: boolean): void {
  const waiting: Place[] = [];
  const check = (value: unknown, name: string | number, parent: Place | null): void => {
    const fault = nameFault(name, texts) ?? scalarFault(value, texts);
    if (fault !== null) throw invalid(pathOf(parent, name), fault);
    if (typeof value !== 'object' || value === null) return;
    if (!isPlain(value)) throw invalid(pathOf(parent, name), 'the type is not allowed');
    const depth = parent === null ? 1 : parent.depth + 1;
    if (depth > maxDepth) throw tooDeep();
    waiting.push({ value, name, parent, depth });
  };
  check(root, '', null);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (Array.isArray(place.value)) {
      for (const [index, item] of place.value.entries()) check(item, index, place);
    } else {
      for (const [name, item] of Object.entries(place.value)) check(item, name, place);
    }
  }
}
