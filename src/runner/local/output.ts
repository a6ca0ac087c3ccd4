/** Brings a job's output into the log. Supervisors load this module, so it needs nothing but Node. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import type { SegmentWriter, Stream } from '../../logs/segments.js';
import { createLineSplitter } from '../../logs/split-lines.js';
import { now } from './wall-clock.js';

const chunkBytes = 64 * 1024;
const holdMillis = 1000;

/** Where the job writes, until it is started. */
export interface Output {
  readonly stdout: number;
  readonly stderr: number;
  /** Closes this process's own writing ends: call it once the job has its copies, or could not be started. */
  release(): void;
  /** Resolves when nobody can write any more, and all that was written has been taken. */
  readonly ended: Promise<void>;
  /** Stops reading, and gives what is held back to the log. */
  close(): void;
}

/**
 * Opens the two outputs. Named pipes, for Node's own "pipes" are sockets, and a job could not open its
 * /dev/stderr then. `onFault` is told once if the log cannot be written; from then on output is discarded.
 */
export function openOutput(folder: string, log: SegmentWriter, onFault: (error: unknown) => void): Output {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let isFaulty = false;

  function guarded(work: () => void): void {
    if (isFaulty) return;
    try {
      work();
    } catch (error) {
      isFaulty = true;
      onFault(error);
    }
  }

  const streams = (['stdout', 'stderr'] as const).map((stream) =>
    readPipe(folder, stream, { buffer, log, guarded }),
  );
  const [stdout, stderr] = streams.map(({ writer }) => writer) as [number, number];
  return {
    stdout,
    stderr,
    release() {
      for (const { writer } of streams) fs.closeSync(writer);
    },
    ended: Promise.all(streams.map(({ ended }) => ended)).then(() => {}),
    close() {
      for (const stream of streams) stream.close();
    },
  };
}

interface PipeReader {
  /** The writing end. */
  readonly writer: number;
  readonly ended: Promise<void>;
  close(): void;
}

interface Sink {
  /** Shared by both streams: a chunk is used up before the next is read. */
  readonly buffer: Buffer;
  readonly log: SegmentWriter;
  readonly guarded: (work: () => void) => void;
}

function readPipe(folder: string, stream: Stream, { buffer, log, guarded }: Sink): PipeReader {
  const { reader, writer } = openPipe(path.join(folder, `${stream}.pipe`));
  let at = 0;
  let timer: NodeJS.Timeout | null = null;
  const splitter = createLineSplitter((source, start, end, endsLine) => {
    log.add(stream, at, source, start, end, endsLine);
  });

  /** An unfinished line (a prompt, a progress bar) is shown after a while. */
  function showHeld(): void {
    timer = null;
    guarded(() => {
      at = now();
      splitter.flush();
      log.flush();
    });
  }

  const socket = new net.Socket({
    fd: reader,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(length: number) {
        guarded(() => {
          at = now();
          splitter.push(buffer.subarray(0, length));
          log.flush();
          if (splitter.holds) timer ??= setTimeout(showHeld, holdMillis);
        });
        return true;
      },
    },
  } as net.SocketConstructorOpts);
  const ended = new Promise<void>((resolve) => {
    socket.on('error', () => {}).on('close', () => resolve());
  });
  socket.resume();
  return {
    writer,
    ended,
    close() {
      if (timer !== null) clearTimeout(timer);
      socket.destroy();
      guarded(() => {
        splitter.end();
        log.flush();
      });
    },
  };
}

function openPipe(file: string): { reader: number; writer: number } {
  execFileSync('mkfifo', ['-m', '600', file], { stdio: 'ignore' });
  const reader = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const writer = fs.openSync(file, fs.constants.O_WRONLY);
  fs.unlinkSync(file);
  return { reader, writer };
}
