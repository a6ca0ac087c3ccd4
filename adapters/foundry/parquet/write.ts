import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';

/** A column of a file, without its values. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'STRING';
  /** True where values may be missing. */
  readonly nullable: boolean;
  readonly encoding: 'PLAIN' | 'DELTA_BINARY_PACKED';
}

/** The values of each column in some rows, as many of each. */
export type RowGroup = readonly ColumnSource['data'][];

/**
 * A Parquet file, group of rows by group of rows: each is encoded and given away before the next is asked for, so that
 * memory does not grow with the file (but for some 400 bytes a group that its end tells of it).
 */
export async function* writeParquet(
  columns: readonly ParquetColumn[],
  groups: AsyncIterable<RowGroup>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  // Not compressed: that costs more time than the bytes are worth (measured), and much of it is noise.
  const parquet = new ParquetWriter({
    writer,
    schema: schemaOf(columns),
    codec: 'UNCOMPRESSED',
    // NaN has no place in the least and the greatest value.
    statistics: false,
    createdBy: 'Franca',
  });
  for await (const values of groups) {
    const [first] = values;
    if (first === undefined || first.length === 0) continue;
    const columnData = columns.map(({ name, encoding }, place) => ({
      name,
      encoding,
      data: values[place] ?? [],
    }));
    await parquet.write({ columnData, rowGroupSize: first.length });
    yield taken(writer);
  }
  await parquet.finish();
  yield taken(writer);
}

/** A copy of what was written, which is then written over. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = Uint8Array.from(writer.getBytes());
  writer.index = 0;
  return bytes;
}

function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  const elements = columns.map(({ name, type, nullable }): SchemaElement => {
    const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
    return type === 'STRING'
      ? {
          name,
          repetition_type,
          type: 'BYTE_ARRAY',
          converted_type: 'UTF8',
          logical_type: { type: 'STRING' },
        }
      : { name, repetition_type, type };
  });
  return [{ name: 'schema', num_children: columns.length }, ...elements];
}
