import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type ColumnSource, type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer';

/** A Parquet file of these columns. */
export function parquetOf(
  columnData: readonly ColumnSource[],
  options: Partial<ParquetWriteOptions> = {},
): Buffer {
  const compressors = { GZIP: gzipSync, BROTLI: brotliCompressSync };
  return Buffer.from(parquetWriteBuffer({ columnData: [...columnData], compressors, ...options }));
}

/** An integer as Thrift's compact protocol writes it without a sign. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const zigzag = (value: number | bigint) => varint((BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
const [i32, i64, binary, list, struct] = [5, 6, 8, 9, 12];

/** A field of a struct in the compact protocol, `step` numbers behind the one before it. */
function field(step: number, type: number, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.of((step << 4) | type), ...content]);
}

const textField = (step: number, text: string) =>
  field(step, binary, varint(Buffer.byteLength(text)), Buffer.from(text));
const stop = Buffer.of(0);

/** What a hand-made file says of itself, whether or not it is so. */
export interface Claims {
  /** Of the file, and of its one group of rows. */
  readonly rows: number | bigint;
  /** 0 boolean, 1 32 bits, 2 64 bits, 5 double, 6 bytes. */
  readonly type: number;
  readonly codec: number;
  /** Bytes of the page unpacked. */
  readonly unpacked: number;
  /** 0 plain, 8 of a dictionary. */
  readonly encoding: number;
  /** Values of the page. */
  readonly values: number;
  /** Where the column begins, and how many bytes it has; else as it is. */
  readonly offset?: number | bigint;
  readonly length?: number | bigint;
}

/** A file of one column of one page, of which the bytes and every claim are the caller's. */
export function craftedParquet(page: Buffer, claims: Claims): Buffer {
  const header = Buffer.concat([
    field(1, i32, zigzag(0)),
    field(1, i32, zigzag(claims.unpacked)),
    field(1, i32, zigzag(page.length)),
    field(2, struct, field(1, i32, zigzag(claims.values)), field(1, i32, zigzag(claims.encoding)), stop),
    stop,
  ]);
  const { offset = 4, length = header.length + page.length } = claims;
  const schema = [
    Buffer.concat([textField(4, 'schema'), field(1, i32, zigzag(1)), stop]),
    Buffer.concat([field(1, i32, zigzag(claims.type)), field(2, i32, zigzag(0)), textField(1, 'a'), stop]),
  ];
  const column = Buffer.concat([
    field(1, i32, zigzag(claims.type)),
    field(1, list, Buffer.of(0x15), zigzag(0)),
    field(1, list, Buffer.of(0x18), varint(1), Buffer.from('a')),
    field(1, i32, zigzag(claims.codec)),
    field(1, i64, zigzag(claims.values)),
    field(1, i64, zigzag(claims.unpacked)),
    field(1, i64, zigzag(length)),
    field(2, i64, zigzag(offset)),
    stop,
  ]);
  const group = Buffer.concat([
    field(1, list, Buffer.of(0x1c), field(2, i64, zigzag(4)), field(1, struct, column), stop),
    field(1, i64, zigzag(1)),
    field(1, i64, zigzag(claims.rows)),
    stop,
  ]);
  const metadata = Buffer.concat([
    field(1, i32, zigzag(1)),
    field(1, list, Buffer.of(0x2c), ...schema),
    field(1, i64, zigzag(claims.rows)),
    field(1, list, Buffer.of(0x1c), group),
    stop,
  ]);
  return fileWith(metadata, Buffer.concat([header, page]));
}

/** A file with these metadata at its end. */
export function fileWith(metadata: Buffer, before: Buffer = Buffer.alloc(0)): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([Buffer.from('PAR1'), before, metadata, length, Buffer.from('PAR1')]);
}

/** Lists within lists, each of which says that it is of so many elements. */
export function nestedLists(depth: number, size: number | bigint): Buffer {
  const levels = Array.from({ length: depth }, () => Buffer.concat([Buffer.of(0xf9), varint(size)]));
  return Buffer.concat([field(2, list), ...levels]);
}
