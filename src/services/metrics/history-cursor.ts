import { createHash } from 'node:crypto';
import { type CoreError, invalid } from '../../core/errors.js';
import type { PointKind } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { SortedPointCursor } from '../../core/ports/index.js';

/** A place in the history of one metric, as opaque text. */
export function encodeHistoryCursor(run: Run, key: string, place: SortedPointCursor): string {
  const { timestampMs, timestampUs, step, kind, value, seq } = place;
  const parts = [fingerprint(run, key), timestampMs, timestampUs, step ?? 0n, kind, value ?? '', seq];
  return Buffer.from(JSON.stringify(parts.map(String))).toString('base64url');
}

/**
 * The place that such a text names.
 *
 * @throws CoreError `invalid` for a text that names none, or one in another history.
 */
export function decodeHistoryCursor(run: Run, key: string, cursor: string): SortedPointCursor {
  const [own, timestampMs, timestampUs, step, kind, value, seq, ...rest] = partsOf(cursor);
  if (own !== fingerprint(run, key) || rest.length > 0) throw badCursor();
  return {
    timestampMs: int64(timestampMs),
    timestampUs: whole(timestampUs, 999),
    step: int64(step),
    ...point(kind, value),
    seq: whole(seq, Number.MAX_SAFE_INTEGER),
  };
}

function partsOf(cursor: string): readonly (string | undefined)[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.every((part) => typeof part === 'string')) return parts;
  } catch {
    // Falls through: no cursor of this server's.
  }
  throw badCursor();
}

function int64(text = ''): bigint {
  const number = /^-?\d{1,19}$/.test(text) ? BigInt(text) : null;
  if (number === null || BigInt.asIntN(64, number) !== number) throw badCursor();
  return number;
}

function whole(text = '', most: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= most)) throw badCursor();
  return number;
}

function point(kind: string | undefined, text = ''): { kind: PointKind; value: number | null } {
  if (kind === 'nan' || kind === 'pinf' || kind === 'ninf') return { kind, value: null };
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (kind !== 'finite' || !Number.isFinite(value)) throw badCursor();
  return { kind, value };
}

function badCursor(): CoreError {
  return invalid('after', 'this is no place in this history');
}

function fingerprint(run: Run, key: string): string {
  return createHash('sha256').update(`${run.id} ${key}`).digest('base64url').slice(0, 12);
}
