import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, chownSync, constants, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database whose user may create databases. */
    readonly postgresUrl: string;
  }
}

/** Starts a PostgreSQL for the tests, unless FRANCA_TEST_DB names one, and ends it after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.FRANCA_TEST_DB;
  if (given !== undefined && given !== '') {
    project.provide('postgresUrl', given);
    return async () => undefined;
  }
  const server = await startPostgres();
  project.provide('postgresUrl', server.url);
  return () => server.stop();
}

/** A PostgreSQL of one's own: on loopback, with its data in a temporary folder. */
export interface PostgresServer {
  readonly url: string;
  /** Starts it again after a stop, on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it at once, as a fast shutdown, and keeps its data. */
  halt(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Makes and starts a PostgreSQL. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-postgres-'));
  const owner = unprivileged();
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  execFileSync(
    program('initdb'),
    ['-D', data, '-U', 'franca', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    {
      ...owner,
      cwd: folder,
      stdio: 'pipe',
    },
  );
  const port = await freePort();
  const url = `postgres://franca@127.0.0.1:${port}/postgres`;
  const options = [
    '-p',
    String(port),
    '-k',
    folder,
    '-h',
    '127.0.0.1',
    ...settings.flatMap((each) => ['-c', each]),
  ];
  let running: Running | null = null;
  const start = async (): Promise<void> => {
    running = launch(['-D', data, ...options], { ...owner, cwd: folder });
    await ready(url, running);
  };
  const halt = async (): Promise<void> => {
    running?.kill();
    await running?.ended;
    running = null;
  };
  await start();
  return {
    url,
    start,
    halt,
    async stop() {
      await halt();
      await rm(folder, { recursive: true });
    },
  };
}

interface Running {
  readonly ended: Promise<void>;
  readonly output: () => string;
  hasEnded(): boolean;
  kill(): void;
}

function launch(args: readonly string[], options: SpawnOptions): Running {
  const child = spawn(program('postgres'), args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  let isOver = false;
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-10_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      isOver = true;
      resolve();
    });
  });
  return { ended, output: () => output, hasEnded: () => isOver, kill: () => child.kill('SIGINT') };
}

/** Resolves when the server takes a connection. */
async function ready(url: string, running: Running): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (running.hasEnded() || Date.now() > deadline)
        throw new Error(`no PostgreSQL: ${running.output()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or else as `nobody`. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const user of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, user], { stdio: 'pipe' }).toString());
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here: the next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody');
}

/** The path of one of PostgreSQL's programs: from PATH, or the newest of Debian's folders. */
function program(name: string): string {
  const root = '/usr/lib/postgresql';
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debianFolders(root)];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found === undefined) {
    throw new Error(
      `${name} is not installed: install PostgreSQL 15 or later, or name a server by FRANCA_TEST_DB`,
    );
  }
  return found;
}

function debianFolders(root: string): string[] {
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await promisify(server.close.bind(server))();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
