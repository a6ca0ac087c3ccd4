import { setMaxListeners } from 'node:events';
import { createBell } from '../core/bell.js';
import type { FollowOptions, LogBatch } from '../core/ports/logs.js';
import type { FolderWatches } from './folder-watches.js';
import { logStart, readSegments } from './read-segments.js';

/** What is stored in a folder and then what comes; see `LogStore.follow`. */
export async function* followSegments(
  folder: string,
  watches: FolderWatches,
  { from, signal, ended }: FollowOptions,
): AsyncGenerator<LogBatch> {
  if (signal.aborted) return;
  const bell = createBell();
  // Before the first read: what is written after it rings the bell.
  const unlisten = ended?.aborted === true ? () => {} : watches.listen(folder, bell.ring);
  // One signal may end many followings: that is no leak to warn of.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', bell.ring);
  if (ended?.aborted === false) ended.addEventListener('abort', bell.ring);
  try {
    let position = from ?? logStart;
    for (;;) {
      const isLast = ended?.aborted === true;
      bell.clear();
      for await (const batch of readSegments(folder, position)) {
        position = batch.next;
        if (signal.aborted) return;
        if (batch.records.length > 0) yield batch;
        if (signal.aborted) return;
      }
      if (isLast) return;
      await bell.rung();
      if (signal.aborted) return;
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', bell.ring);
    ended?.removeEventListener('abort', bell.ring);
  }
}
