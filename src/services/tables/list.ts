import { type ArtifactPath, type ArtifactRoot, runRoot } from '../../core/artifact-path.js';
import type { Run } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import type { ArtifactFile } from '../../core/ports/index.js';
import { isTableName, tablesNamedIn } from '../../core/tables.js';
import type { Context } from '../context.js';

/** A table among the files of a run. */
export interface RunTable {
  readonly path: ArtifactPath;
  /** Of the file, in bytes. */
  readonly size: number;
  readonly rows: number;
}

/** How much of a run's files is looked at: lists show many runs. */
const most = { files: 10_000, tables: 100 } as const;

/**
 * The tables among a run's files, by their paths: `.parquet` files among the first 10,000, and those that its tags
 * name; 100 in all. What only pretends to be one is left out. Who may read the run was asked before.
 */
export async function listTables(
  ctx: Context,
  { run, tags }: { readonly run: Run; readonly tags: readonly Tag[] },
): Promise<readonly RunTable[]> {
  const root = runRoot(run.artifactRoot);
  const files = new Map<ArtifactPath, ArtifactFile>();
  for (const path of tablesNamedIn(tags).slice(0, most.tables)) {
    const entry = await ctx.ports.artifacts.stat(root, path);
    if (entry?.kind === 'file') files.set(path, entry);
  }
  for await (const file of namedTables(ctx, root)) {
    if (files.size >= most.tables) break;
    files.set(file.path, file);
  }
  const tables: RunTable[] = [];
  for (const file of [...files.values()].sort(byPath)) {
    const rows = await ctx.ports.tables.count(root, file);
    if (rows !== null) tables.push({ path: file.path, size: file.size, rows });
  }
  return tables;
}

async function* namedTables(ctx: Context, root: ArtifactRoot): AsyncGenerator<ArtifactFile> {
  let seen = 0;
  for await (const batch of ctx.ports.artifacts.list(root, null, { recursive: true })) {
    for (const entry of batch) if (entry.kind === 'file' && isTableName(entry.path)) yield entry;
    seen += batch.length;
    if (seen >= most.files) return;
  }
}

function byPath(a: ArtifactFile, b: ArtifactFile): number {
  return a.path < b.path ? -1 : 1;
}
