import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled product, as `npm run build` makes it. */
export const entry = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** An existing data folder, which `stop` then leaves alone; a new one without it. */
  readonly dataFolder?: string;
  readonly port?: number;
}

/** A running Franca of its own. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly pid: number;
  /** All that it has written to stdout and stderr so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, with its exit code or the signal that ended it. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it with SIGTERM, waits, and removes the data folder if it was made here. */
  stop(): Promise<void>;
}

/** A port on the loopback interface that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts the compiled server as a user would, and resolves when it is ready to take requests. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'franca-test-')));
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, [entry, 'serve', ...(options.args ?? [])], {
    env: {
      PATH: process.env.PATH ?? '',
      FRANCA_DATA: dataFolder,
      FRANCA_PORT: String(port),
      FRANCA_LOG_LEVEL: 'warn',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = exitOf(child);
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(url, exited, () => output);
  } catch (error) {
    // Left alone it would answer in the place of the next one on its port.
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    port,
    dataFolder,
    pid: child.pid ?? 0,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

async function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const [code, signal] = await once(child, 'exit');
  return { code, signal };
}

async function ready(url: string, exited: Promise<unknown>, output: () => string): Promise<void> {
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (ended) throw new Error(`the server ended before it was ready:\n${output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the server was not ready in time:\n${output()}`);
}
