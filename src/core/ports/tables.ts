import type { ArtifactPath, ArtifactRoot } from '../artifact-path.js';
import type { ArtifactContent, ArtifactFile } from './artifacts.js';

/** Where a file lies. */
export interface FilePlace {
  readonly root: ArtifactRoot;
  readonly path: ArtifactPath;
}

/** Which rows, counted from 0. */
export interface RowRange {
  readonly offset: number;
  readonly limit: number;
}

/** Names of columns, and for each row its cells in their order, as JSON texts exactly as they stand in the file. */
export interface TableCells {
  readonly columns: readonly string[];
  /** Throws what `TableReader.rows` rejects with, for a row that is damaged. May be asked for more than once. */
  rows(): AsyncIterable<readonly string[]>;
}

/** A table as its file has it. */
export type TableContent =
  | { readonly kind: 'parquet'; readonly content: ArtifactContent }
  | { readonly kind: 'cells'; readonly cells: TableCells };

/**
 * Reads tables among the files of an artifact store: Parquet, and JSON of the form `{"columns": [...], "data":
 * [[...], ...]}`. A file is the work of a stranger: whatever it holds, little memory and time go into it, and what is
 * damaged, hostile or too large is told as CoreError `invalid` for `artifact`, or, of `count`, as null.
 */
export interface TableReader {
  /** How many rows the file says that it has; null for no table. Remembered until the file changes. */
  count(root: ArtifactRoot, file: ArtifactFile): Promise<number | null>;
  /**
   * These rows as the JSON text of a list of objects; of none behind the last. Whole numbers are exact; NaN and the
   * infinities are null; times are in ISO 8601; bytes are in base64.
   *
   * @throws CoreError `not_found` without a file; `invalid`; `unavailable` where too many are read at once.
   */
  rows(place: FilePlace, range: RowRange): Promise<string>;
  /**
   * The whole of it. The bytes of a Parquet file are not looked into.
   *
   * @throws CoreError `not_found` without a file; `invalid`.
   */
  open(place: FilePlace): Promise<TableContent>;
}
