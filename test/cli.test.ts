import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entry, startServer } from './support/server.js';

interface Outcome {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'franca-cli-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the compiled program as a user would. */
function franca(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = {
      env: { PATH: process.env.PATH ?? '', FRANCA_DATA: join(folder, 'data'), ...env },
      cwd: folder,
    };
    execFile(process.execPath, [entry, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}

describe('franca', () => {
  it('--version is the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await franca(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('--help names every command', async () => {
    const { code, stdout } = await franca(['--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'db', 'user', 'token', 'openapi'])
      expect(stdout).toContain(`\n  ${command} `);
  });

  it('serve --help names every setting with its default, and no hidden one', async () => {
    const { code, stdout } = await franca(['serve', '--help']);
    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('--port <value> Port to listen on [FRANCA_PORT, default 5050]');
    expect(text).toContain('--allowed-origins <value>');
    expect(text).not.toMatch(/CRASH|CLOCK/);
  });

  it.each([
    [['serve', '--prot', '1'], {}, '--prot'],
    [['serve', '--port', '99999'], {}, '--port (FRANCA_PORT)'],
    [['serve'], { FRANCA_PORT: '80x' }, 'FRANCA_PORT'],
    [['serve'], { FRANCA_HOST: '0.0.0.0', FRANCA_AUTH: 'none' }, 'FRANCA_AUTH'],
    [['serve'], { FRANCA_DATA: '/proc/nothing' }, 'FRANCA_DATA'],
    [['user', 'add', 'a b'], {}, 'a b'],
    [['user', 'add', 'ann', '--role', 'king'], {}, 'king'],
    [['token', 'create'], {}, '--user'],
    [['token', 'create', '--user', 'ann', '--expires-days', 'soon'], {}, 'soon'],
    [['openapi', 'klingon'], {}, 'klingon'],
    [['nonsense'], {}, 'nonsense'],
  ])('%j %j is exit code 2 and one line that names it', async (args, env, named) => {
    const { code, stdout, stderr } = await franca(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(named);
  });
});

describe('users and tokens', () => {
  it('a token is printed once, works, and is stored nowhere in the clear', async () => {
    expect(await franca(['user', 'add', 'ann'])).toMatchObject({ code: 0, stdout: 'Added the user ann.\n' });
    const { code, stdout } = await franca(['token', 'create', '--user', 'ann', '--label', 'laptop']);
    expect(code).toBe(0);
    const secret = stdout.trim();
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect((await readFile(join(folder, 'data', 'franca.db'))).includes(secret)).toBe(false);

    const server = await startServer({ dataFolder: join(folder, 'data'), env: { FRANCA_AUTH: 'token' } });
    try {
      const statusWith = async (headers: Record<string, string>) =>
        (await fetch(`${server.url}/api/v1/experiment`, { headers })).status;
      expect(await statusWith({})).toBe(401);
      expect(await statusWith({ authorization: `Bearer ${secret.slice(1)}` })).toBe(401);
      for (const scheme of ['Bearer', 'token', 'TOKEN']) {
        expect(await statusWith({ authorization: `${scheme} ${secret}` })).toBe(200);
      }
      const basic = Buffer.from(`ann:${secret}`).toString('base64');
      expect(await statusWith({ authorization: `Basic ${basic}` })).toBe(200);
      // Beside a running server.
      const second = await franca(['token', 'create', '--user', 'ann', '--expires-days', '0']);
      expect(await statusWith({ authorization: `Bearer ${second.stdout.trim()}` })).toBe(401);
      expect(server.output()).not.toContain(secret);
    } finally {
      await server.stop();
    }
  });

  it.each([
    [['user', 'add', 'root'], 'root'],
    [['user', 'add', 'Experiment'], 'Experiment is a word of an API'],
    [['token', 'create', '--user', 'nobody'], 'nobody'],
  ])('%j fails with one line', async (args, named) => {
    const { code, stdout, stderr } = await franca(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^franca: .*\n$/);
    expect(stderr).toContain(named);
  });
});

describe('db migrate', () => {
  it('makes the database, and then has nothing to do', async () => {
    expect((await franca(['db', 'migrate'])).stdout).toMatch(/^Applied: /);
    expect((await franca(['db', 'migrate'])).stdout).toBe('The schema is up to date.\n');
  });
});

describe('openapi', () => {
  it('prints a document, and writes all of them alike', { timeout: 90_000 }, async () => {
    const written = await franca(['openapi', '--write', 'out']);
    expect(written.stdout.trim().split('\n')).toEqual([
      join('out', 'submarine.json'),
      join('out', 'polyaxon.json'),
      join('out', 'mlflow.json'),
      join('out', 'foundry.json'),
      join('out', 'gateway.json'),
    ]);
    for (const name of ['submarine', 'polyaxon', 'mlflow', 'foundry', 'gateway']) {
      const { code, stdout } = await franca(['openapi', name]);
      expect(code).toBe(0);
      expect(stdout).toBe(await readFile(join(folder, 'out', `${name}.json`), 'utf8'));
      expect(JSON.parse(stdout)).toMatchObject({ openapi: '3.1.0' });
    }
  });
});

describe('serve', () => {
  let squatter: Server | undefined;

  afterEach(() => {
    squatter?.close();
    squatter = undefined;
  });

  it('says where it listens, which dialects, where the data is, what jobs are, whether authentication is on', async () => {
    const server = await startServer({ dataFolder: join(folder, 'data') });
    await server.stop();
    expect(server.output()).toContain(`listens on ${server.url}`);
    expect(server.output()).toMatch(/dialects +submarine, polyaxon/);
    expect(server.output()).toContain(join(folder, 'data'));
    expect(server.output()).toMatch(/jobs +processes of this machine/);
    expect(server.output()).toMatch(/authentication +none/);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('keeps the data folder to its owner', async () => {
    await mkdir(join(folder, 'data'));
    await chmod(join(folder, 'data'), 0o755);
    const server = await startServer({ dataFolder: join(folder, 'data') });
    await server.stop();
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
  });

  it('refuses the data of a running server with one line, and does not harm it', async () => {
    const server = await startServer({ dataFolder: join(folder, 'data') });
    try {
      const second = await franca(['serve', '--port', '65001']);
      expect(second.code).toBe(1);
      expect(second.stderr).toMatch(/^franca: another Franca server .*FRANCA_DATA\)\n$/);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('refuses a taken port with one line', async () => {
    const listening = createServer();
    squatter = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const address = listening.address();
    const port = String(typeof address === 'object' ? address?.port : address);
    const { code, stderr } = await franca(['serve', '--port', port]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^franca: cannot listen on 127\.0\.0\.1, port \d+ \(FRANCA_HOST, FRANCA_PORT\): .*\n$/,
    );
  });

  it('refuses a data folder that is a file', async () => {
    await writeFile(join(folder, 'data'), '');
    const { code, stderr } = await franca(['serve']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^franca: FRANCA_DATA: .*\n$/);
  });
});
