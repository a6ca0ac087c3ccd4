import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that writes into a store. */
export interface StoreProcess {
  readonly child: ChildProcess;
  /** Every line that it printed so far. */
  readonly lines: readonly string[];
  /** Resolves at this number of lines; rejects if the process ends before. */
  printed(count: number): Promise<void>;
  /** Kills it at once, and gives all that it had printed. */
  kill(): Promise<readonly string[]>;
  /** Ends its input and waits for its end; rejects if it fails. */
  finish(): Promise<readonly string[]>;
}

/** Starts `store-child.ts` with these words. */
export function startStoreProcess(...words: readonly (string | number)[]): StoreProcess {
  const program = fileURLToPath(new URL('store-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...words.map(String)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(() => undefined);
  const failure = () => new Error(`the process ended with ${child.exitCode}: ${errors.join('')}`);
  return {
    child,
    lines,
    async printed(count) {
      while (lines.length < count) {
        const isOver = await Promise.race([once(reader, 'line').then(() => false), ended.then(() => true)]);
        if (isOver && lines.length < count) throw failure();
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
      return lines;
    },
    async finish() {
      child.stdin.end();
      await ended;
      if (child.exitCode !== 0) throw failure();
      return lines;
    },
  };
}
