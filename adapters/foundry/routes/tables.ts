import { z } from '@hono/zod-openapi';
import { artifactPath } from '../../../src/core/artifact-path.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { openTable, readTableRows } from '../../../src/services/tables/read.js';
import type { NamedError } from '../errors.js';
import { tableParquet } from '../parquet/table.js';
import { previewQuery } from '../wire/preview.js';
import { partQuery, tablePageSize } from '../wire/series.js';
import {
  denied,
  experimentParams,
  experimentPath,
  missing,
  partOf,
  retelling,
  runAt,
  tag,
} from './common.js';

const params = experimentParams.extend({
  experimentArtifactTableName: z
    .string()
    .openapi({ description: 'Its path; every `/` in it as `%2F`.', example: 'predictions.parquet' }),
});
const path = `${experimentPath}/artifactTables/{experimentArtifactTableName}`;

/** Documented and served: tables among the files of experiments. */
export const tableRoutes = {
  json: {
    method: 'get',
    path: `${path}/json`,
    operationId: 'getExperimentArtifactTableJson',
    tag,
    summary: 'Get rows of a table',
    description: 'As the JSON text of a list of objects.',
    params,
    query: partQuery(tablePageSize),
    answers: { 200: { description: 'JSON.', mediaType: 'application/octet-stream' } },
  },
  parquet: {
    method: 'get',
    path: `${path}/parquet`,
    operationId: 'getExperimentArtifactTableParquet',
    tag,
    summary: 'Get the whole of a table',
    params,
    query: previewQuery,
    answers: { 200: { description: 'A Parquet file.', mediaType: 'application/octet-stream' } },
  },
} as const;

type TableParams = z.output<typeof params>;

function tableMissing({ modelRid, experimentRid, experimentArtifactTableName }: TableParams): NamedError {
  return missing(
    'ExperimentArtifactNotFound',
    { modelRid, experimentRid, artifactName: experimentArtifactTableName },
    'there is no such table of the experiment',
  );
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const contentType = 'application/octet-stream';

/** Adds the routes of tables. */
export function addTableRoutes({ add, bytes }: DialectApp): void {
  add(tableRoutes.json, async ({ params, query }, ctx, c) => {
    const forbidden = denied('JsonExperimentArtifactTablePermissionDenied', params);
    const ref = await runAt(ctx, params, forbidden);
    const part = partOf(query, tablePageSize);
    const name = artifactPath(params.experimentArtifactTableName, 'experimentArtifactTableName');
    return retelling({ not_found: tableMissing(params), forbidden }, async () => {
      const json = await readTableRows(ctx, ref, name, part);
      return bytes(c, once(json), { contentType, fileName: `${lastOf(name)}.json` });
    });
  });

  add(tableRoutes.parquet, async ({ params }, ctx, c) => {
    const forbidden = denied('ParquetExperimentArtifactTablePermissionDenied', params);
    const ref = await runAt(ctx, params, forbidden);
    const name = artifactPath(params.experimentArtifactTableName, 'experimentArtifactTableName');
    return retelling({ not_found: tableMissing(params), forbidden }, async () => {
      const table = await openTable(ctx, ref, name);
      const fileName = lastOf(name);
      if (table.kind === 'cells') return bytes(c, await tableParquet(table.cells), { contentType, fileName });
      const { content } = table;
      return bytes(c, content.bytes, { contentType, fileName, length: content.length });
    });
  });
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
