import { fileURLToPath } from 'node:url';

/** The program that reads a Parquet file, as `npm run build` makes it: such are not run by a TypeScript loader. */
export const parquetChild = fileURLToPath(new URL('../../dist/src/tables/parquet-child.js', import.meta.url));
