/**
 * The end of a Parquet file: its metadata as a Thrift struct (FileMetaData, compact protocol), the length of that in
 * four bytes, and a mark. https://github.com/apache/parquet-format
 */

/** What Parquet files begin and end with. */
export const mark = Buffer.from('PAR1');

/** How many bytes stand behind the metadata. */
export const tailLength = 8;

/** The length of the metadata, by the last eight bytes of a file; null for no Parquet file. */
export function footerLength(tail: Uint8Array): number | null {
  if (tail.byteLength !== tailLength || !mark.equals(tail.subarray(4))) return null;
  return Buffer.from(tail).readUInt32LE(0);
}

/** The fields of FileMetaData are numbered. */
const rowsField = 3;

/** How deep structs and lists may nest: far deeper than in any file. */
const maxDepth = 32;

const stop = 0;
const types = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
};

/**
 * How many rows the metadata says that there are; null for damaged metadata. All else is passed over: nothing is
 * built of it, whatever sizes it names, and each step is one byte further at least.
 */
export function rowsInFooter(footer: Uint8Array): number | null {
  try {
    return new Reader(footer).rows();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  rows(): number | null {
    let field = 0;
    for (let header = this.byte(); header !== stop; header = this.byte()) {
      field = header >> 4 === 0 ? Number(zigzag(this.varint())) : field + (header >> 4);
      const type = header & 0x0f;
      if (field === rowsField && type === types.i64) {
        const count = Number(zigzag(this.varint()));
        return Number.isSafeInteger(count) && count >= 0 ? count : null;
      }
      this.skip(type, 0);
    }
    return null;
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('behind the end');
    this.at += 1;
    return byte;
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('an integer of more than 64 bits');
  }

  private advance(length: number): void {
    if (length > this.bytes.byteLength - this.at) throw new RangeError('behind the end');
    this.at += length;
  }

  private skip(type: number, depth: number): void {
    if (depth > maxDepth) throw new RangeError('nested too deeply');
    switch (type) {
      case types.true:
      case types.false:
        break;
      case types.byte:
        this.advance(1);
        break;
      case types.i16:
      case types.i32:
      case types.i64:
        this.varint();
        break;
      case types.double:
        this.advance(8);
        break;
      case types.binary:
        this.advance(Number(this.varint()));
        break;
      case types.list:
      case types.set:
        this.skipList(depth);
        break;
      case types.struct:
        this.skipStruct(depth);
        break;
      default:
        throw new RangeError('an unknown type');
    }
  }

  private skipList(depth: number): void {
    const header = this.byte();
    const type = header & 0x0f;
    const size = header >> 4 === 15 ? Number(this.varint()) : header >> 4;
    if (size > this.bytes.byteLength - this.at) throw new RangeError('behind the end');
    // Of a truth a struct has no bytes but its header, a list one of each.
    const isTruth = type === types.true || type === types.false;
    for (let item = 0; item < size; item += 1) {
      if (isTruth) this.advance(1);
      else this.skip(type, depth + 1);
    }
  }

  private skipStruct(depth: number): void {
    for (let header = this.byte(); header !== stop; header = this.byte()) {
      if (header >> 4 === 0) this.varint();
      this.skip(header & 0x0f, depth + 1);
    }
  }
}

function zigzag(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}
