import { type ChildProcess, fork } from 'node:child_process';
import type { RowRange } from '../core/ports/index.js';
import type { FromChild, ToChild } from './child-protocol.js';
import { unreadable } from './errors.js';

/** Bytes of a file, from `start` to before `end`. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

/** A Parquet file of this many bytes. */
export interface ParquetFile {
  readonly size: number;
  readonly read: ReadBytes;
}

/** What a process that reads a file gets: memory for its objects in MB, and time in milliseconds. */
const limits = { memory: 256, time: 30_000 } as const;

/**
 * Some rows of a file as JSON, by a process of its own; see parquet-child.ts.
 *
 * @param program the compiled child.
 * @throws CoreError `invalid` where the file is damaged, or would take more memory or time than there is for it.
 */
export async function readParquetRows(program: string, file: ParquetFile, range: RowRange): Promise<string> {
  const child = fork(program, [], {
    execArgv: [`--max-old-space-size=${limits.memory}`, '--max-semi-space-size=8', '--v8-pool-size=1'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: '/',
    env: {},
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limits.time);
  try {
    return await converse(child, file, range);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

function converse(child: ChildProcess, file: ParquetFile, { offset, limit }: RowRange): Promise<string> {
  return new Promise((resolve, reject) => {
    const say = (message: ToChild) => child.send(message, (error) => error !== null && reject(ended()));
    child.on('error', reject);
    child.on('exit', () => reject(ended()));
    child.on('message', (message: FromChild) => {
      if (message.kind === 'rows') resolve(message.json);
      else if (message.kind === 'refused') reject(unreadable(message.reason));
      else file.read(message.start, message.end).then((bytes) => say({ kind: 'bytes', bytes }), reject);
    });
    say({ kind: 'read', size: file.size, offset, limit });
  });
}

function ended(): Error {
  return unreadable('it takes more memory or time than there is for it');
}
