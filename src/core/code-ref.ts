import type { CodeRef } from './model.js';
import type { CodeSource } from './spec.js';

/** What a spec says of its code; null for a spec that names none. */
export function codeRefOf(code: CodeSource | null): CodeRef | null {
  if (code === null) return null;
  const { url, branch } = code;
  return { commit: null, head: null, branch, url, isDirty: null, diff: null };
}

/** True for the same state of the same code; never for none. */
export function isSameCode(a: CodeRef | null, b: CodeRef | null): boolean {
  if (a === null || b === null) return false;
  return (Object.keys(a) as (keyof CodeRef)[]).every((part) => a[part] === b[part]);
}
