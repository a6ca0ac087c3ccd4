import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const environment = fileURLToPath(new URL('../clients/environment.py', import.meta.url));
const scripts = fileURLToPath(new URL('clients/', import.meta.url));

/** A script that drives a published client. */
export interface Client {
  /** What it says next. Fails with its words if it has ended. */
  next<T>(): Promise<T>;
  stop(): void;
}

/**
 * Starts a script of the folder `clients` on the Python of a client of `test/clients`, whose environment is made when
 * it is missing. The script is given JSON, and says JSON line by line.
 */
export async function startClient(client: string, script: string, given: object): Promise<Client> {
  const { stdout: folder } = await promisify(execFile)('python3', [environment, client]);
  const child = spawn(join(folder.trim(), 'bin', 'python'), [join(scripts, script)], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', PYTHONDONTWRITEBYTECODE: '1' },
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.end(JSON.stringify(given));
  return {
    async next<T>() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${script} has ended: ${complaints}`);
      return JSON.parse(line.value) as T;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
