import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../support/server.js';
import { eventually, get, list, post, submit, waitForEnd } from './support.js';

/** A disk of 16 MB, if this user may mount one. */
function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'franca-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmdirSync(folder);
    return null;
  }
}

const disk = mountSmallDisk();

describe.skipIf(disk === null)('a full disk (skipped where this user may not mount one)', () => {
  const folder = disk ?? '';

  afterAll(() => {
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  });

  function fill(): string {
    const file = join(folder, 'filler');
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(file, Buffer.alloc(bavail * bsize));
    return file;
  }

  it('is answered 503 in the envelope; reads go on; nothing is half-written; all is well when there is room', async () => {
    const server = await startServer({ dataFolder: folder });
    const { experimentId } = await submit(server.url, { name: 'before', cmd: 'echo fine' });
    await waitForEnd(server.url, experimentId);

    const filler = fill();
    const refused = await eventually(async () => {
      const answer = await post(server.url, {
        name: 'refused',
        cmd: 'true',
        envVars: { LONG: 'x'.repeat(100_000) },
      });
      expect(answer.status).toBe(503);
      return answer;
    });
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.json()).toMatchObject({ status: 'SERVICE_UNAVAILABLE', code: 503, result: null });
    expect((await get(server.url, experimentId)).status).toBe('Succeeded');
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);

    rmSync(filler);
    const names = (await list(server.url)).map(({ name }) => name);
    const after = await submit(server.url, { name: 'after', cmd: 'echo fine' });
    expect(await waitForEnd(server.url, after.experimentId)).toMatchObject({ status: 'Succeeded' });
    expect((await list(server.url)).map(({ name }) => name)).toEqual([...names, 'after']);
    await server.stop();
    const database = new Database(join(folder, 'franca.db'), { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  });
});
