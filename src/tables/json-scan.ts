/** What is told of a table while its bytes go by. */
export interface TableListener {
  /** The JSON text of `columns`. */
  columns(text: string): void;
  /** True for a row, counted from 0, whose text is wanted. */
  wants(index: number): boolean;
  /** The JSON text of a row that is wanted. */
  row(text: string, index: number): void;
}

/** A fault of the file, in words for whoever asked for it. */
export class ScanError extends Error {}

/** The longest text of a row or of the columns, in bytes. */
export const longestPart = 1024 * 1024;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Where between the parts of the file we are: what may come next. */
type State = 'start' | 'key' | 'colon' | 'value' | 'row' | 'end';

/**
 * Finds the parts of a JSON table, `{"columns": [...], "data": [[...], ...]}`, as its bytes come, whatever the
 * order of the two and whatever stands beside them. A part ends where its brackets and quotes do: what is in it
 * is for the listener to parse, and what nobody wants is passed over and need not be JSON. Nothing is kept but the
 * part that is wanted and going by.
 */
export class JsonTableScan {
  private state: State = 'start';
  private key = '';
  private readonly seen = new Set<string>();
  private rowCount = 0;
  private inPart = false;
  /** Within a part: how many brackets are open, and whether this is a text. */
  private depth = 0;
  private inText = false;
  private isEscaped = false;
  /** What there is of the part so far; null where nobody wants it. */
  private kept: Uint8Array[] | null = null;
  private keptLength = 0;

  constructor(private readonly listener: TableListener) {}

  /** How many rows have gone by. */
  get rows(): number {
    return this.rowCount;
  }

  /** Takes the next bytes of the file. Throws ScanError. */
  push(piece: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (!this.inPart) {
        if (!this.between(byte)) continue;
        from = at;
      }
      const end = this.within(byte);
      if (end === 'goes on') continue;
      this.keep(piece.subarray(from, end === 'with it' ? at + 1 : at));
      this.finish();
      // The bracket or comma behind a number is no part of it, and begins none.
      if (end === 'before it') this.between(byte);
    }
    if (this.inPart) this.keep(piece.subarray(from));
  }

  /** Says that there are no more bytes. Throws ScanError where there should be. */
  end(): void {
    if (this.state !== 'end') throw new ScanError('it ends too early');
    if (!this.seen.has('columns') || !this.seen.has('data'))
      throw new ScanError('it has no columns or no data');
  }

  /** Takes a byte between parts; true if a part begins with it. */
  private between(byte: number): boolean {
    if (isSpace(byte)) return false;
    switch (this.state) {
      case 'start':
        return this.expect(byte === openObject, 'key');
      case 'key':
        if (byte === closeObject) return this.expect(true, 'end');
        return byte === comma ? false : this.begin(byte === quote, true);
      case 'colon':
        return this.expect(byte === colon, 'value');
      case 'value':
        if (this.key === 'data') return this.expect(byte === openList, 'row');
        return this.begin(![comma, colon, closeList, closeObject].includes(byte), this.key === 'columns');
      case 'row':
        if (byte === closeList) return this.expect(true, 'key');
        if (byte === comma) return false;
        return this.begin(byte === openList, this.listener.wants(this.rowCount));
      case 'end':
        throw new ScanError('something stands behind its end');
    }
  }

  private expect(isExpected: boolean, next: State): false {
    if (!isExpected) throw new ScanError('it is not of the form {"columns": [...], "data": [[...], ...]}');
    this.state = next;
    return false;
  }

  private begin(isExpected: boolean, isWanted: boolean): true {
    this.expect(isExpected, this.state);
    this.inPart = true;
    this.depth = 0;
    this.kept = isWanted ? [] : null;
    this.keptLength = 0;
    return true;
  }

  /** Takes a byte of a part: does the part end with it, before it, or not yet? */
  private within(byte: number): 'goes on' | 'with it' | 'before it' {
    if (this.inText) {
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === backslash) this.isEscaped = true;
      else if (byte === quote) {
        this.inText = false;
        if (this.depth === 0) return 'with it';
      }
      return 'goes on';
    }
    if (byte === quote) this.inText = true;
    else if (byte === openList || byte === openObject) this.depth += 1;
    else if (byte === closeList || byte === closeObject) {
      if (this.depth === 0) return 'before it';
      this.depth -= 1;
      if (this.depth === 0) return 'with it';
    } else if (this.depth === 0 && (byte === comma || isSpace(byte))) return 'before it';
    return 'goes on';
  }

  private keep(piece: Uint8Array): void {
    if (this.kept === null) return;
    this.keptLength += piece.length;
    if (this.keptLength > longestPart)
      throw new ScanError(`a row or its columns are larger than ${longestPart} bytes`);
    // A copy: the caller may fill its buffer anew.
    this.kept.push(Uint8Array.from(piece));
  }

  private finish(): void {
    const text = this.kept === null ? null : Buffer.concat(this.kept).toString('utf8');
    this.inPart = false;
    this.kept = null;
    if (this.state === 'key') {
      this.key = keyOf(text ?? '');
      if (this.seen.has(this.key)) throw new ScanError('a key stands in it twice');
      if (this.key === 'columns' || this.key === 'data') this.seen.add(this.key);
      this.state = 'colon';
    } else if (this.state === 'value') {
      if (text !== null) this.listener.columns(text);
      this.state = 'key';
    } else {
      if (text !== null) this.listener.row(text, this.rowCount);
      this.rowCount += 1;
    }
  }
}

function keyOf(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    throw new ScanError('a key in it is no JSON');
  }
}
