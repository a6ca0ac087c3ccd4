/**
 * How many bytes at the end of `bytes[start, end)` are the beginning of a UTF-8 character whose rest is
 * missing: 0 to 3. Bytes that cannot be UTF-8 count as whole.
 */
export function unfinishedTail(bytes: Uint8Array, start: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= start; back += 1) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthByFirstByte(byte) > back ? back : 0;
  }
  return 0;
}

function lengthByFirstByte(byte: number): number {
  if (byte >= 0xf8) return 1;
  if (byte >= 0xf0) return 4;
  return byte >= 0xe0 ? 3 : 2;
}
