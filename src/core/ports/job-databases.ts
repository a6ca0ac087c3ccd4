/**
 * How a column is read. What is of another type in it, or longer than 2,000 bytes, is read as null.
 * `integer` has 64 bits; a fraction is cut off. `localTime` is `YYYY-MM-DD hh:mm:ss[.ffffff]` in the time zone of
 * the process that wrote it, read as microseconds since 1970-01-01 UTC.
 */
export type ColumnKind = 'text' | 'real' | 'integer' | 'localTime';

/** The columns to read of a table, by name. */
export type Columns = Readonly<Record<string, ColumnKind>>;

/** What a value of each kind is read as. */
interface ColumnValues {
  readonly text: string;
  readonly real: number;
  readonly integer: bigint;
  readonly localTime: bigint;
}

/** The values of a row. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: ColumnValues[C[Name]] | null };

/** Some rows of a table, in the order in which they were added. */
export interface TableRows {
  readonly table: string;
  /** At least one; ids grow. */
  readonly rows: readonly { readonly id: number; readonly values: RowOf<Columns> }[];
}

export interface ReadRequest {
  readonly tables: readonly {
    readonly name: string;
    readonly columns: Columns;
    /** Only rows whose ids are greater. */
    readonly after: number;
  }[];
  /** Of the process that wrote the database, as its variable TZ names it; null for that of the machine. */
  readonly timeZone: string | null;
  /** True once nobody writes the database any more; before that, what is being written now is left for later. */
  readonly ended: boolean;
}

/** A database that cannot be read: it is damaged, or made to do harm. */
export class UnreadableDatabase extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableDatabase';
  }
}

/**
 * The databases in files that clients inside of jobs write. Jobs may write anything: so each is read by a process of
 * its own, which can neither hang nor end the server, and which runs nothing that the database brings along.
 */
export interface JobDatabases {
  /** A text that changes whenever the file does; null where there is no file. */
  stamp(file: string): Promise<string | null>;
  /**
   * The rows of the tables, one table after the other; none of a table, or of a file, that is not there.
   * Throws UnreadableDatabase; what was given before is as it stands in the file.
   */
  read(file: string, request: ReadRequest): AsyncIterable<TableRows>;
}
