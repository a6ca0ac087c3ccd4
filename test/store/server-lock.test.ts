import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open.js';
import { acquireServerLock } from '../../src/store/server-lock.js';
import { aPlace, now } from '../conformance/store/fixtures.js';

describe('the lock of a data folder', () => {
  let folder = '';
  let child: ChildProcess | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'franca-lock-'));
  });

  afterEach(() => {
    child?.kill('SIGKILL');
    child = null;
    rmSync(folder, { recursive: true });
  });

  it('is held by one at a time, and can be given back', () => {
    const deep = join(folder, 'new', 'folder');
    const lock = acquireServerLock(deep);
    expect(() => acquireServerLock(deep)).toThrow(
      /another Franca server uses the data folder .*new.*stop it first/,
    );
    lock.release();
    acquireServerLock(deep).release();
  });

  it('of another process is respected while that lives, and free after its SIGKILL', async () => {
    const program = fileURLToPath(new URL('hold-server-lock.ts', import.meta.url));
    child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout === null) throw new Error('no output');
    await once(child.stdout, 'data');
    expect(() => acquireServerLock(folder)).toThrow('another Franca server');

    const admin = await openStore({ dataFolder: folder, url: null, now });
    await aPlace(admin);
    await admin.close();

    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    acquireServerLock(folder).release();
  });
});
