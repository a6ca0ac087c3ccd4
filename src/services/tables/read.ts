import { type ArtifactPath, runRoot } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { FilePlace, RowRange, TableContent } from '../../core/ports/index.js';
import { isTableName, tablesNamedIn } from '../../core/tables.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * Rows of a table among a run's files, as the JSON text of a list of objects.
 *
 * @throws CoreError `not_found` for the run, or of `artifact` for no such table; `forbidden`; `invalid` for a
 * file that is damaged or too large; `unavailable`.
 */
export async function readTableRows(
  ctx: Context,
  ref: RunRef,
  path: ArtifactPath,
  range: RowRange,
): Promise<string> {
  return ctx.ports.tables.rows(await tableAt(ctx, ref, path), range);
}

/**
 * The whole of a table among a run's files; the bytes of a Parquet file must be read or closed.
 *
 * @throws CoreError as `readTableRows`; of a damaged Parquet file nothing is told.
 */
export async function openTable(ctx: Context, ref: RunRef, path: ArtifactPath): Promise<TableContent> {
  return ctx.ports.tables.open(await tableAt(ctx, ref, path));
}

/** A file is a table by its name, or because a tag of the run says so. */
async function tableAt(ctx: Context, ref: RunRef, path: ArtifactPath): Promise<FilePlace> {
  const run = await accessRun(ctx, ref, 'read');
  if (!isTableName(path)) {
    const tags = (await ctx.ports.store.read.tags.list([run.key])).get(run.key) ?? [];
    if (!tablesNamedIn(tags).includes(path)) throw notFound('artifact');
  }
  return { root: runRoot(run.artifactRoot), path };
}
