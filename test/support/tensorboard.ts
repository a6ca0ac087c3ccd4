import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What stands for the program in tests: it takes the same options, says so, and answers below its prefix with the
 * files that it finds in its folder, links followed. A file `mode` beside it makes it another:
 * `die` (says why, and ends), `mute` (never listens), `stubborn` (ignores SIGTERM, and leaves a child in a session
 * of its own).
 */
const program = `#!/usr/bin/env node
const { createServer } = require('node:http');
const { existsSync, readFileSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { spawn } = require('node:child_process');
const options = new Map();
for (let at = 2; at < process.argv.length; at += 2) options.set(process.argv[at], process.argv[at + 1]);
const modeFile = join(__dirname, 'mode');
const mode = existsSync(modeFile) ? readFileSync(modeFile, 'utf8') : '';
console.log('Fakeboard for ' + options.get('--path_prefix'));
if (mode === 'die') {
  console.error('no data:\\u0007bell');
  process.exit(3);
}
if (mode === 'stubborn') {
  process.on('SIGTERM', () => {});
  spawn('setsid', ['sleep', '300'], { detached: true, stdio: 'ignore' }).unref();
}
function files(folder, below) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    return statSync(path).isDirectory() ? files(path, below + name + '/') : [below + name];
  });
}
const server = createServer((request, response) => {
  if (!request.url.startsWith(options.get('--path_prefix') + '/')) return response.writeHead(404).end();
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ pid: process.pid, url: request.url, files: files(options.get('--logdir'), '').sort() }));
});
if (mode === 'mute') setInterval(() => {}, 1000);
else server.listen(Number(options.get('--port')), options.get('--host'));
`;

export type FakeMode = 'serve' | 'die' | 'mute' | 'stubborn';

/** The stand-in in a folder of its own, and the PATH on which it is found. */
export interface FakeTensorboard {
  readonly path: string;
  setMode(mode: FakeMode): void;
}

/** Installs the stand-in below a folder. */
export function installTensorboard(folder: string): FakeTensorboard {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'tensorboard'), program);
  chmodSync(join(bin, 'tensorboard'), 0o755);
  return {
    path: `${bin}:${process.env.PATH ?? ''}`,
    setMode: (mode) => writeFileSync(join(bin, 'mode'), mode),
  };
}

/** What the stand-in answers. */
export interface FakePage {
  readonly pid: number;
  readonly url: string;
  readonly files: readonly string[];
}

/** A page of the stand-in; null if nothing answers. */
export async function pageOf(port: number, path: string): Promise<FakePage | null> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
  return answer?.status === 200 ? ((await answer.json()) as FakePage) : null;
}
