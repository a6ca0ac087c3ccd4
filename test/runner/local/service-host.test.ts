import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFolderArtifactStore } from '../../../src/artifacts/folder-store.js';
import { createLocalServiceHost } from '../../../src/runner/local/service-host.js';
import { freePort } from '../../support/server.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-host-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const hostAt = (path: string | undefined) =>
  createLocalServiceHost({ limit: 1, path, artifacts: createFolderArtifactStore(join(folder, 'artifacts')) });

it('a program is a file that may be executed, in a folder of the PATH that jobs get', async () => {
  const [bin, empty] = [join(folder, 'bin'), join(folder, 'empty')];
  for (const path of [bin, empty, join(bin, 'folder')]) mkdirSync(path);
  for (const name of ['plain', 'board']) writeFileSync(join(bin, name), '#!/bin/sh\n');
  chmodSync(join(bin, 'board'), 0o755);
  symlinkSync('board', join(bin, 'linked'));
  symlinkSync('gone', join(bin, 'dangling'));
  const host = hostAt(`${empty}:relative::${bin}`);
  const found = [];
  for (const name of ['board', 'linked', 'plain', 'folder', 'dangling', 'none']) {
    if (await host.hasProgram(name)) found.push(name);
  }
  expect(found).toEqual(['board', 'linked']);
  expect(await hostAt(empty).hasProgram('board')).toBe(false);
  expect(await hostAt(undefined).hasProgram('sh')).toBe(true);
});

it('knows whether anybody listens at a port', async () => {
  const port = await freePort();
  const host = hostAt('');
  expect(await host.listens(port)).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await host.listens(port)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(await host.listens(port)).toBe(false);
});
