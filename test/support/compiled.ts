import { fileURLToPath } from 'node:url';

/** The program that reads a Parquet file, as `npm run build` makes it: such are not run by a TypeScript loader. */
export const parquetChild = fileURLToPath(new URL('../../dist/src/tables/parquet-child.js', import.meta.url));

/** The program that reads a database that a job wrote, the same way. */
export const jobDatabaseReader = fileURLToPath(
  new URL('../../dist/src/job-databases/reader.js', import.meta.url),
);
