import type { Stats } from 'node:fs';
import type { Micros } from '../core/time.js';

/** By what a file is known to be the same as before: its size in bytes and the time of its last change. */
export function stampOf({ size, mtimeMs }: Stats): { readonly size: number; readonly modifiedAt: Micros } {
  return { size, modifiedAt: Math.round(mtimeMs * 1000) };
}
