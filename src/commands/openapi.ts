import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../config.js';
import type { AdapterFactory, OpenApiDocument } from '../http/adapter.js';
import { createFrancaServer } from '../server.js';
import { bootstrap } from '../services/accounts/bootstrap.js';
import { adapterDepsOf } from './adapter-deps.js';
import { nobodyToWake, openPorts } from './open-ports.js';

/** The documents by dialect, with `gateway` for the merged one. */
export async function openApiDocuments(
  factories: readonly AdapterFactory[],
  version: string,
): Promise<ReadonlyMap<string, OpenApiDocument>> {
  // Adapters are built over a real store. An empty one, in a folder of its own, costs little.
  const folder = await mkdtemp(join(tmpdir(), 'franca-openapi-'));
  try {
    const config = loadConfig({ data: folder }, {});
    const open = await openPorts(config, nobodyToWake);
    const workspace = await bootstrap(open.ports, { user: config.user, workspace: config.workspace });
    const lifecycle = { stopping: false };
    const logger = pino({ level: 'silent' });
    const deps = adapterDepsOf(config, { ports: open.ports, workspace, lifecycle, logger, version });
    const adapters = factories.map((create) => create(deps));
    const health = {
      pingStore: async () => {},
      reconcilerReady: () => true,
      runnerReachable: () => true,
      stopping: () => false,
    };
    const server = createFrancaServer({ deps, adapters, health });
    await open.close();
    return new Map([
      ...adapters.map((adapter) => [adapter.name, adapter.document()] as const),
      ['gateway', server.document()] as const,
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A document as it is committed: two spaces, one newline at the end. */
export function formatDocument(document: OpenApiDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Writes `<name>.json` for each document into a folder and gives the files' names. */
export async function writeDocuments(
  folder: string,
  documents: ReadonlyMap<string, OpenApiDocument>,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files = [...documents].map(([name, document]) => ({ file: join(folder, `${name}.json`), document }));
  for (const { file, document } of files) await writeFile(file, formatDocument(document));
  return files.map(({ file }) => file);
}
