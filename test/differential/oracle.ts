import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/server.js';

/** A running MLflow of its own. */
export interface Oracle {
  readonly port: number;
  stop(): Promise<void>;
}

const environmentScript = fileURLToPath(new URL('../clients/environment.py', import.meta.url));
const readyWithin = 120_000;

/**
 * The `mlflow` program of the real server: the one that FRANCA_MLFLOW names, else one in a virtual environment that is
 * kept outside the checkout and made when it is missing.
 *
 * @returns null with the reason on stderr where there is no Python or no package.
 * @throws an error instead where FRANCA_TEST_MLFLOW is `required`.
 */
export async function findMlflow(): Promise<string | null> {
  const given = process.env.FRANCA_MLFLOW ?? '';
  if (given !== '') return given;
  const made = await promisify(execFile)('python3', [environmentScript, 'mlflow-3.17.2']).catch(
    (error: Error) => error,
  );
  if (made instanceof Error) {
    const message = `There is no MLflow to compare with: ${made.message}`;
    if (process.env.FRANCA_TEST_MLFLOW === 'required') throw new Error(message);
    process.stderr.write(`${message}\n`);
    return null;
  }
  return join(made.stdout.trim(), 'bin', 'mlflow');
}

/** Starts it on an empty database, with the proxy for artifacts, and waits until it answers. */
export async function startOracle(program: string): Promise<Oracle> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-mlflow-'));
  const port = await freePort();
  const options = {
    '--backend-store-uri': 'sqlite:///ml.db',
    '--artifacts-destination': './art',
    '--host': '127.0.0.1',
    '--port': String(port),
    '--workers': '1',
  };
  const child = spawn(program, ['server', ...Object.entries(options).flat()], {
    cwd: folder,
    // A group of its own, so that its workers end with it.
    detached: true,
    env: { PATH: process.env.PATH ?? '', HOME: folder, MLFLOW_DISABLE_TELEMETRY: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + readyWithin;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`MLflow did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { port, stop };
}

async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
  return answer?.status === 200;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  const late = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 10_000);
  await exited;
  clearTimeout(late);
}
