/** Works on an artifact store in a process of its own: `artifacts-child.ts <mode> <folder> <root> [size in MB]`. */
import { writeSync } from 'node:fs';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import { type ArtifactRoot, artifactPath } from '../../src/core/artifact-path.js';
import { residentMegabytes } from '../support/memory.js';

const [mode = '', folder = '', root = '', size = '0'] = process.argv.slice(2);
const store = createFolderArtifactStore(folder);
const path = artifactPath('folder/file');
const chunk = Buffer.alloc(64 * 1024, 'x');
let highest = 0;

function look(): void {
  highest = Math.max(highest, residentMegabytes(process.pid));
}

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count * 16; index += 1) {
    if (index % 64 === 0) look();
    yield chunk;
  }
}

async function lengthOf(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    look();
  }
  return length;
}

/** Writes without end, and says so when half a file is there. */
async function* endless(): AsyncGenerator<Uint8Array> {
  for (let index = 0; ; index += 1) {
    yield chunk;
    if (index === 200) writeSync(1, 'half\n');
  }
}

async function measure(): Promise<void> {
  const megabyteCount = Number(size);
  await store.write(root as ArtifactRoot, path, megabytes(1));
  const before = residentMegabytes(process.pid);
  const written = await store.write(root as ArtifactRoot, path, megabytes(megabyteCount));
  const content = await store.read(root as ArtifactRoot, path);
  const read = content === null ? 0 : await lengthOf(content.bytes);
  const limits = { maxEntries: 2, maxBytes: 8 * 1024 ** 3, maxRatio: 2000 };
  const archive = store.archive(root as ArtifactRoot, null);
  const { bytes } = await store.unpack(`${root}-2` as ArtifactRoot, archive, limits);
  look();
  writeSync(1, `${JSON.stringify({ written: written.size, read, bytes, rise: highest - before })}\n`);
}

if (mode === 'measure') await measure();
if (mode === 'write') await store.write(root as ArtifactRoot, path, endless());
