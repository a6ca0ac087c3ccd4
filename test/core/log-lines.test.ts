import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinLines } from '../../src/core/log-lines.js';
import type { LogRecord } from '../../src/core/ports/logs.js';

function record(
  text: string | Uint8Array,
  endsLine = true,
  stream: LogRecord['stream'] = 'stdout',
): LogRecord {
  return { at: 1, stream, bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text, endsLine };
}

function lines(records: readonly LogRecord[], maxBytes?: number): [string, string, boolean][] {
  const joiner = joinLines(maxBytes);
  // Each record alone, in memory that is used again: the joiner may keep no view of it.
  const pushed = records.flatMap((one) => {
    const bytes = one.bytes.slice();
    const given = joiner.push([{ ...one, bytes }]);
    bytes.fill(0x21);
    return given;
  });
  return [...pushed, ...joiner.end()].map(({ stream, text, endsLine }) => [stream, text, endsLine]);
}

describe('joinLines', () => {
  it('joins parts of each stream, however they interleave', () => {
    const records = [
      record('a', false),
      record('X', false, 'stderr'),
      record('b', false),
      record('Y', true, 'stderr'),
    ];
    expect(lines([...records, record('c')])).toEqual([
      ['stderr', 'XY', true],
      ['stdout', 'abc', true],
    ]);
  });

  it('gives an unterminated last line at the end', () => {
    expect(lines([record('a'), record('b', false)])).toEqual([
      ['stdout', 'a', true],
      ['stdout', 'b', false],
    ]);
  });

  it('keeps empty lines, control characters and a byte order mark', () => {
    expect(lines([record(''), record('\0\r\x1b'), record('\ufeffx')]).map(([, text]) => text)).toEqual([
      '',
      '\0\r\x1b',
      '\ufeffx',
    ]);
  });

  it('reads what is no UTF-8 as U+FFFD, also over the border of parts', () => {
    const euro = new TextEncoder().encode('€');
    const parts = [
      record(euro.subarray(0, 1), false),
      record(euro.subarray(1)),
      record(Uint8Array.of(0x61, 0xff)),
    ];
    expect(lines(parts).map(([, text]) => text)).toEqual(['€', 'a\ufffd']);
  });

  it('gives a line that is too long in pieces, cut between characters', () => {
    expect(lines([record('abc€€', false), record('d'), record('e')], 4)).toEqual([
      ['stdout', 'abc', false],
      ['stdout', '€', false],
      ['stdout', '€d', true],
      ['stdout', 'e', true],
    ]);
  });

  it('loses nothing, however a line is cut into parts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 4, max: 50 }),
        (texts, maxBytes) => {
          const given = lines([...texts.map((text) => record(text, false)), record('')], maxBytes);
          expect(given.map(([, text]) => text).join('')).toBe(texts.join(''));
          expect(given.every(([, text]) => new TextEncoder().encode(text).length <= maxBytes)).toBe(true);
          expect(given.map(([, , endsLine]) => endsLine).lastIndexOf(false)).toBe(given.length - 2);
        },
      ),
    );
  });
});
