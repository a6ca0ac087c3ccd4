import type { Micros } from '../../core/time.js';
import type { RunLine } from './run-lines.js';

/** Lines of one output, in the order in which they were stored. */
export interface LineSource {
  /** No line of it is older. Until then it is not opened. */
  readonly since: Micros;
  readonly lines: AsyncGenerator<readonly RunLine[], undefined>;
}

interface Cursor {
  readonly source: LineSource;
  batch: readonly RunLine[];
  index: number;
}

/** Lines are given in groups that end when their texts are about this long, in UTF-16 units. */
const groupLength = 64 * 1024;

/**
 * All lines in the order of their times; those of one source stay in its own order even where the clock
 * was set back. Of each source that is open one batch is held.
 */
export async function* mergeByTime(
  sources: readonly LineSource[],
): AsyncGenerator<readonly RunLine[], undefined> {
  const waiting = [...sources].sort((a, b) => a.since - b.since);
  const open: Cursor[] = [];
  let group: RunLine[] = [];
  let length = 0;
  try {
    for (;;) {
      let first = earliest(open);
      for (let next = waiting[0]; next !== undefined && next.since <= timeOf(first); next = waiting[0]) {
        waiting.shift();
        const cursor: Cursor = { source: next, batch: [], index: 0 };
        open.push(cursor);
        if (!(await refill(cursor))) open.splice(open.indexOf(cursor), 1);
        first = earliest(open);
      }
      const line = first?.batch[first.index];
      if (first === null || line === undefined) break;
      group.push(line);
      length += line.text.length + 1;
      if (length >= groupLength) {
        yield group;
        group = [];
        length = 0;
      }
      first.index += 1;
      if (first.index === first.batch.length && !(await refill(first))) open.splice(open.indexOf(first), 1);
    }
    if (group.length > 0) yield group;
  } finally {
    for (const { source } of open) await source.lines.return(undefined);
  }
}

/** The cursor whose line is next; null when none is open. Few are: a scan is the fastest. */
function earliest(open: readonly Cursor[]): Cursor | null {
  let first: Cursor | null = null;
  for (const cursor of open) {
    if (first === null || timeOf(cursor) < timeOf(first)) first = cursor;
  }
  return first;
}

function timeOf(cursor: Cursor | null): Micros {
  return cursor?.batch[cursor.index]?.at ?? Number.POSITIVE_INFINITY;
}

/** False at the end of the source. Batches are never empty. */
async function refill(cursor: Cursor): Promise<boolean> {
  const { value } = await cursor.source.lines.next();
  cursor.batch = value ?? [];
  cursor.index = 0;
  return value !== undefined;
}
