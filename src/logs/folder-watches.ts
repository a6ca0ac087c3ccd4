import { type FSWatcher, mkdirSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { listSegments, segmentName } from './segments.js';

/** What a follower hears when something may have been written. */
export type Listener = () => void;

/** Tells when something is written below a folder, with one watch for each folder that somebody listens to. */
export interface FolderWatches {
  /** Calls the listener after each change in the folder, which need not exist yet. Gives the way to end it. */
  listen(folder: string, listener: Listener): () => void;
  /** Something was written by this process. */
  changed(folder: string): void;
  close(): void;
}

export interface FolderWatchOptions {
  /** Exists, or can be made, and holds every folder that is listened to. */
  readonly root: string;
  /** Changes of one folder within this time are told together, in milliseconds. */
  readonly gatherMillis: number;
  /** How often all folders are looked at, for what the system's watches did not tell, in milliseconds. */
  readonly lookMillis: number;
}

/** One watch a folder, shared by its listeners, and one timer for all folders. */
export function createFolderWatches(options: FolderWatchOptions): FolderWatches {
  const watches = new Map<string, FolderWatch>();
  let looking: NodeJS.Timeout | null = null;

  function lookAtAll(): void {
    for (const one of watches.values()) {
      try {
        one.look();
      } catch {
        // The folder cannot be read now; its followers are told so when they read it themselves.
        one.tell();
      }
    }
  }

  function watchOf(folder: string): FolderWatch {
    const known = watches.get(folder);
    if (known !== undefined) return known;
    const made = watchFolder(folder, options);
    watches.set(folder, made);
    looking ??= setInterval(lookAtAll, options.lookMillis).unref();
    return made;
  }

  function drop(folder: string): void {
    watches.get(folder)?.close();
    watches.delete(folder);
    if (watches.size > 0 || looking === null) return;
    clearInterval(looking);
    looking = null;
  }

  return {
    listen(folder, listener) {
      const { listeners } = watchOf(folder);
      // Wrapped, so that the same function may listen twice.
      const own = () => listener();
      listeners.add(own);
      return () => {
        if (listeners.delete(own) && listeners.size === 0) drop(folder);
      };
    },
    changed: (folder) => watches.get(folder)?.tell(),
    close() {
      for (const folder of [...watches.keys()]) drop(folder);
    },
  };
}

interface FolderWatch {
  readonly listeners: Set<Listener>;
  tell(): void;
  look(): void;
  close(): void;
}

function watchFolder(folder: string, { root, gatherMillis }: FolderWatchOptions): FolderWatch {
  const listeners = new Set<Listener>();
  let gathering: NodeJS.Timeout | null = null;
  let isMissed = false;
  let current = openNearest(folder, root, onEvent);
  let known = sizeOf(folder);

  function tellAll(): void {
    isMissed = false;
    gathering = setTimeout(() => {
      gathering = null;
      if (isMissed) tellAll();
    }, gatherMillis);
    for (const listener of listeners) listener();
  }

  /** At once after a silence; else when the time is over in which changes are gathered. */
  function tell(): void {
    if (gathering === null) tellAll();
    else isMissed = true;
  }

  /** Watches anew if the folder has come, or gone, or come again. */
  function renew(): void {
    if (current !== null && isRight(current)) return;
    current?.watcher.close();
    current = openNearest(folder, root, onEvent);
  }

  function onEvent(): void {
    try {
      if (current !== null && current.missing !== null) {
        // Something else came beside the way to the folder.
        if (isRight(current)) return;
        renew();
      }
    } catch {
      // The next look tries again.
    }
    tell();
  }

  return {
    listeners,
    tell,
    look() {
      renew();
      const size = sizeOf(folder);
      if (size !== known) tell();
      known = size;
    },
    close() {
      if (gathering !== null) clearTimeout(gathering);
      current?.watcher.close();
      current = null;
      listeners.clear();
    },
  };
}

interface OpenWatch {
  readonly path: string;
  readonly inode: number;
  /** What is not there yet on the way from the path to the folder; null when the path is the folder. */
  readonly missing: string | null;
  readonly watcher: FSWatcher;
}

/**
 * Watches the folder, or the nearest one above it that there is. null if the system has no watches left:
 * then the regular looks have to do.
 */
function openNearest(folder: string, root: string, onEvent: Listener): OpenWatch | null {
  let path = folder;
  let missing: string | null = null;
  for (;;) {
    const watcher = openWatch(path, onEvent);
    if (watcher === null) return null;
    if (watcher === 'missing') {
      if (path === root) mkdirSync(root, { recursive: true });
      else [missing, path] = [path, dirname(path)];
    } else if (missing !== null && inode(missing) !== null) {
      // It came while the one above it was opened.
      watcher.close();
      [missing, path] = [null, folder];
    } else {
      return { path, inode: inode(path) ?? 0, missing, watcher };
    }
  }
}

function isRight(open: OpenWatch): boolean {
  return inode(open.path) === open.inode && (open.missing === null || inode(open.missing) === null);
}

function openWatch(path: string, onEvent: Listener): FSWatcher | 'missing' | null {
  try {
    const watcher = watch(path, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : null;
  }
}

function inode(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** Changes whenever something was appended. */
function sizeOf(folder: string): string {
  const last = listSegments(folder).at(-1);
  if (last === undefined) return '';
  const stat = statSync(join(folder, segmentName(last)), { throwIfNoEntry: false });
  return `${last}:${stat?.size ?? 0}`;
}
