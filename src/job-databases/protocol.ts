import type { ReadRequest } from '../core/ports/job-databases.js';

/** What the reader is told, as the one word of its command. */
export interface ReaderRequest {
  readonly file: string;
  /** True where what a writer left half done may be undone, or done, in the file. */
  readonly mayRecover: boolean;
  readonly tables: ReadRequest['tables'];
}

/** A line of what it prints; the last is the text `end`. Values are in the order of the columns. */
export interface RowsLine {
  readonly table: string;
  readonly rows: readonly { readonly id: number; readonly values: readonly (string | null)[] }[];
}

/** How it ends if it could not read all: then stderr has the reason. */
export const exitCodes = { unreadable: 3, busy: 4 } as const;
