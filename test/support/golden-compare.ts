import { z } from '@hono/zod-openapi';
import { expect } from 'vitest';

/** One way in which our answers differ from the seed's on purpose. */
export const deviation = z.strictObject({
  /** Where: `*` is one key or index, `**` any number of them. */
  at: z.string(),
  /** The examples in which it may be met; all without it. */
  in: z.array(z.string()).optional(),
  /** What we answer there. */
  is: z.unknown().optional(),
  /** The form of what we answer there, as text. */
  matches: z.string().optional(),
  /** True where the seed has one text and we have its lines. */
  lines: z.literal(true).optional(),
  /** Where we have what the seed has there. */
  within: z.string().optional(),
  reason: z.string().min(10),
});

export type Deviation = z.output<typeof deviation>;

/** Values by path; empty lists and objects are values too. */
function leavesOf(value: unknown, path: readonly string[] = []): Map<string, unknown> {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isInner) return new Map([[path.join('.'), value]]);
  return new Map(Object.entries(value).flatMap(([key, item]) => [...leavesOf(item, [...path, key])]));
}

function isAt(pattern: string, path: string): boolean {
  const source = pattern
    .split('.')
    .map((part) => (part === '**' ? '.+' : part === '*' ? '[^.]+' : part))
    .join('\\.');
  return new RegExp(`^${source}$`).test(path);
}

/** The seed's answer with lists of lines for texts, and with moved parts in their places. */
function adjusted(answer: unknown, rows: readonly Deviation[]): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [path, value] of leavesOf(answer)) {
    const row = rows.find(({ at, lines }) => lines === true && isAt(at, path));
    const lines =
      row === undefined
        ? value
        : String(value ?? '')
            .replace(/\n+$/, '')
            .split('\n')
            .filter((line) => line !== '');
    for (const [inner, leaf] of leavesOf(lines, [path])) leaves.set(movedPath(inner, rows), leaf);
  }
  return leaves;
}

function movedPath(path: string, rows: readonly Deviation[]): string {
  const row = rows.find(({ at, within }) => within !== undefined && path.startsWith(`${at}.`));
  return row?.within === undefined ? path : row.within + path.slice(row.at.length);
}

/**
 * Compares an answer with the seed's, leaf by leaf: each is equal, or is what a deviation says; and
 * there is no other. Gives the deviations that were met.
 */
export function compare(actual: unknown, seed: unknown, rows: readonly Deviation[]): Set<Deviation> {
  const expected = adjusted(seed, rows);
  const met = new Set(rows.filter(({ lines, within }) => lines === true || within !== undefined));
  const values = leavesOf(actual);
  for (const path of new Set([...expected.keys(), ...values.keys()])) {
    const value = values.get(path);
    if (values.has(path) && expected.has(path) && Object.is(expected.get(path), value)) continue;
    const row = rows.find((one) => (one.is !== undefined || one.matches !== undefined) && isAt(one.at, path));
    if (row === undefined) expect({ path, value }).toEqual({ path, value: expected.get(path) });
    else if (row.matches !== undefined)
      expect(`${path}: ${String(value)}`).toMatch(new RegExp(row.matches.replace('^', `^${path}: `)));
    else expect({ path, value }).toEqual({ path, value: row.is });
    if (row !== undefined) met.add(row);
  }
  return met;
}
