import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/core/ports/logs.js';
import { createLogReader } from '../../../src/runner/kubernetes/log-lines.js';
import { advance, type LogPosition, outputStart } from '../../../src/runner/kubernetes/log-position.js';

interface Line {
  readonly millis: number;
  readonly text: string;
}

const begin = Date.parse('2026-11-26T12:00:00Z');

/** Output as the cluster gives it, from a whole second on. */
function given(lines: readonly Line[], second: number | null): Buffer {
  const wanted = lines.filter(({ millis }) => second === null || begin + millis >= second * 1000);
  const texts = wanted.map(
    ({ millis, text }) => `${new Date(begin + millis).toISOString().replace('Z', '123456Z')} ${text}\n`,
  );
  return Buffer.from(texts.join(''));
}

function readAll(
  from: LogPosition,
  bytes: Buffer,
  pieces: readonly number[] = [],
): { records: LogRecord[]; gap: boolean } {
  const reader = createLogReader(from);
  const records: LogRecord[] = [];
  let start = 0;
  for (const length of pieces) {
    records.push(...reader.push(bytes.subarray(start, start + length)));
    start += length;
  }
  records.push(...reader.push(bytes.subarray(start)), ...reader.end());
  return { records, gap: reader.gap };
}

function textOf(records: readonly LogRecord[]): string {
  return records
    .map(({ bytes, endsLine }) => Buffer.from(bytes).toString() + (endsLine ? '\n' : ''))
    .join('');
}

describe('the output of a pod', () => {
  it('is read with its times, to the microsecond', () => {
    const text =
      '2026-11-26T12:00:01.234567891Z one\n2026-11-26T13:00:01+01:00 two \n2026-11-26T12:00:02Z \n';
    const { records } = readAll(outputStart, Buffer.from(text));
    expect(records.map(({ at, bytes }) => [at, Buffer.from(bytes).toString()])).toEqual([
      [begin * 1000 + 1_234_567, 'one'],
      [begin * 1000 + 1_000_000, 'two '],
      [begin * 1000 + 2_000_000, ''],
    ]);
  });

  it('is kept as it is where a line has no time', () => {
    expect(textOf(readAll(outputStart, Buffer.from('unable to retrieve logs\n')).records)).toBe(
      'unable to retrieve logs\n',
    );
  });

  it('is kept whole in long lines', () => {
    const lines = [
      { millis: 0, text: 'x'.repeat(200_000) },
      { millis: 1, text: 'y' },
    ];
    const { records } = readAll(outputStart, given(lines, null));
    expect(textOf(records)).toBe(lines.map(({ text }) => `${text}\n`).join(''));
    expect(new Set(records.slice(0, -1).map(({ at }) => at)).size).toBe(1);
  });

  it('goes on wherever the store ends: each line once, whatever is given again', () => {
    const line = fc.record({
      step: fc.integer({ min: 0, max: 900 }),
      text: fc.string({ unit: 'grapheme', maxLength: 12 }),
    });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 40 }),
        fc.array(fc.nat(60), { maxLength: 5 }),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (steps, cuts, pieces) => {
          let millis = 0;
          const lines = steps.map(({ step, text }) => {
            // Many lines share a time.
            millis += step < 500 ? 0 : step;
            return { millis, text: text.replace(/[\r\n]/g, '') };
          });
          const whole = lines.map(({ text }) => `${text}\n`).join('');
          let position = outputStart;
          let stored: LogRecord[] = [];
          for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
            const { records, gap } = readAll(position, given(lines, position.second), pieces);
            expect(gap).toBe(false);
            // The server is killed behind any of them.
            const taken = records.slice(0, cut);
            stored = [...stored, ...taken];
            position = taken.reduce(advance, position);
          }
          expect(textOf(stored)).toBe(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes on within a line of which a part is stored', () => {
    const lines = [
      { millis: 0, text: 'a' },
      { millis: 5, text: 'z'.repeat(150_000) },
      { millis: 9, text: 'b' },
    ];
    const { records } = readAll(outputStart, given(lines, null));
    for (let cut = 0; cut <= records.length; cut += 1) {
      const position = records.slice(0, cut).reduce(advance, outputStart);
      const rest = readAll(position, given(lines, position.second)).records;
      expect(textOf([...records.slice(0, cut), ...rest])).toBe(textOf(records));
    }
  });

  it('tells of lines that the cluster has thrown away', () => {
    const lines = [0, 100, 200].map((millis) => ({ millis, text: `line ${millis}` }));
    const position = readAll(outputStart, given(lines, null)).records.reduce(advance, outputStart);
    const later = [{ millis: 5000, text: 'later' }];
    const { records, gap } = readAll(position, given(later, position.second));
    expect(textOf(records)).toBe('later\n');
    expect(gap).toBe(true);
  });
});
