import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../adapters/submarine/translate/log.js';
import type { LogRecord } from '../../../src/core/ports/index.js';

function record(text: string, fields: Partial<LogRecord> = {}): LogRecord {
  return { at: 0, stream: 'stdout', bytes: new TextEncoder().encode(text), endsLine: true, ...fields };
}

async function shown(...batches: LogRecord[][]): Promise<string[]> {
  async function* given() {
    yield* batches;
  }
  const lines: string[] = [];
  for await (const line of linesOf(given())) lines.push(line);
  return lines;
}

describe('the lines of a log', () => {
  it.each<[string, LogRecord[], string[]]>([
    ['none', [], []],
    ['one', [record('a')], ['a']],
    ['empty ones between', [record('a'), record(''), record(''), record('b')], ['a', '', '', 'b']],
    ['empty ones at the beginning', [record(''), record('a')], ['', 'a']],
    ['empty ones at the end are dropped', [record('a'), record(''), record('')], ['a']],
    ['nothing but empty ones', [record(''), record('')], []],
    ['one that has not ended', [record('a'), record('b', { endsLine: false })], ['a', 'b']],
    ['one in parts', [record('a', { endsLine: false }), record('b')], ['ab']],
    ['of both streams', [record('out'), record('err', { stream: 'stderr' })], ['out', 'err']],
    ['control characters stay', [record('a\r'), record('\u001b[1m')], ['a\r', '\u001b[1m']],
  ])('%s', async (_name, records, lines) => {
    expect(await shown(records)).toEqual(lines);
  });

  it('are those of split("\\n"), however they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('', '', 'a', 'b c')), fc.nat(10), async (lines, cut) => {
        const records = lines.map((line) => record(line));
        const expected = lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
        expect(await shown(records.slice(0, cut), records.slice(cut))).toEqual(expected);
      }),
    );
  });
});
