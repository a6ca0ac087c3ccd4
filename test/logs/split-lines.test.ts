import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxPartBytes } from '../../src/logs/segments.js';
import { createLineSplitter } from '../../src/logs/split-lines.js';

interface Part {
  readonly bytes: Buffer;
  readonly endsLine: boolean;
}

function split(chunks: readonly Buffer[], between: (splitter: { flush(): void }) => void = () => {}): Part[] {
  const parts: Part[] = [];
  const splitter = createLineSplitter((source, start, end, endsLine) => {
    parts.push({ bytes: Buffer.from(source.subarray(start, end)), endsLine });
  });
  for (const chunk of chunks) {
    splitter.push(chunk);
    between(splitter);
  }
  splitter.end();
  return parts;
}

function join(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.flatMap(({ bytes, endsLine }) => (endsLine ? [bytes, Buffer.from('\n')] : [bytes])),
  );
}

describe('createLineSplitter', () => {
  it.each([
    { name: 'nothing', text: '', parts: [] },
    { name: 'an empty line', text: '\n', parts: [['', true]] },
    {
      name: 'lines',
      text: 'a\nb\n',
      parts: [
        ['a', true],
        ['b', true],
      ],
    },
    {
      name: 'a last line without newline',
      text: 'a\nb',
      parts: [
        ['a', true],
        ['b', false],
      ],
    },
    { name: 'carriage returns and NUL are kept', text: '1%\r2%\r\0\n', parts: [['1%\r2%\r\0', true]] },
  ])('$name', ({ text, parts }) => {
    expect(split([Buffer.from(text)]).map(({ bytes, endsLine }) => [bytes.toString(), endsLine])).toEqual(
      parts,
    );
  });

  it('keeps a line of exactly the limit whole, and cuts a longer one', () => {
    const line = Buffer.alloc(maxPartBytes, 'x');
    const sizes = (parts: readonly Part[]) => parts.map(({ bytes, endsLine }) => [bytes.length, endsLine]);
    expect(sizes(split([line, Buffer.from('\n')]))).toEqual([[maxPartBytes, true]]);
    expect(sizes(split([Buffer.concat([line, Buffer.from('y\n')])]))).toEqual([
      [maxPartBytes, false],
      [1, true],
    ]);
  });

  it('cuts between characters', () => {
    const text = `x${'€'.repeat(maxPartBytes)}\n`;
    const parts = split([Buffer.from(text)]);
    for (const { bytes } of parts) expect(Buffer.from(bytes.toString()).equals(bytes)).toBe(true);
    expect(join(parts).toString() === text).toBe(true);
    expect(parts.length).toBe(4);
  });

  it('gives an unfinished line when asked, but no unfinished character', () => {
    const euro = Buffer.from('€');
    const chunks = [Buffer.from('50 '), euro.subarray(0, 2), euro.subarray(2), Buffer.from('\n')];
    const parts = split(chunks, (splitter) => splitter.flush());
    expect(parts.map(({ bytes, endsLine }) => [bytes.toString(), endsLine])).toEqual([
      ['50 ', false],
      ['€', false],
      ['', true],
    ]);
  });

  it('loses and adds nothing, however the output is cut into chunks', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(
        Buffer.from('\n'),
        Buffer.from('😀'),
        Buffer.alloc(maxPartBytes - 1, 'z'),
        Buffer.alloc(70_000, 0xbf),
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.boolean()), (chunks, flushes) => {
        const turns = flushes.values();
        const parts = split(chunks, (splitter) => {
          if (turns.next().value === true) splitter.flush();
        });
        expect(join(parts).equals(Buffer.concat(chunks))).toBe(true);
        expect(parts.every(({ bytes }) => bytes.length <= maxPartBytes && !bytes.includes(10))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
