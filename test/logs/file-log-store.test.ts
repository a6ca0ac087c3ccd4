import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId, RunId } from '../../src/core/ids.js';
import type { LogRecord, LogRef } from '../../src/core/ports/logs.js';
import { createFileLogStore, type FileLogStore } from '../../src/logs/file-log-store.js';
import { openSegmentWriter } from '../../src/logs/segments.js';

let folder: string;
let store: FileLogStore;
let ref: LogRef;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-logs-'));
  store = createFileLogStore(folder);
  ref = { runId: uuid() as RunId, jobId: uuid() as JobId };
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const at = 1_795_257_593_571_257;

function record(text: string, more: Partial<LogRecord> = {}): LogRecord {
  return { at, stream: 'stdout', bytes: Buffer.from(text), endsLine: true, ...more };
}

async function readAll(): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  for await (const batch of store.read(ref)) {
    for (const one of batch) all.push({ ...one, bytes: Buffer.from(one.bytes) });
  }
  return all;
}

async function readTexts(): Promise<string[]> {
  return (await readAll()).map(({ bytes }) => Buffer.from(bytes).toString());
}

function segments(): string[] {
  return readdirSync(store.folderOf(ref)).map((name) => join(store.folderOf(ref), name));
}

/** Writes lines in segments of about `limit` bytes, as a supervisor does. */
function writeSegments(lines: readonly string[], limit: number): void {
  const writer = openSegmentWriter(store.folderOf(ref), limit);
  for (const line of lines) {
    writer.add('stdout', at, Buffer.from(line), 0, Buffer.byteLength(line), true);
    writer.flush();
  }
  writer.close();
}

describe('createFileLogStore', () => {
  it('gives back records as they were appended', async () => {
    const records = [
      record('one'),
      record('', { stream: 'stderr', at: 0 }),
      record('\0\x1b[31m\xff', { bytes: Buffer.from([0, 0x1b, 0xff]), at: 2 ** 52 + 1 }),
      record('no newline', { endsLine: false }),
    ];
    await store.append(ref, records.slice(0, 2));
    await store.append(ref, records.slice(2));
    expect(await readAll()).toEqual(records.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) })));
  });

  it('is empty for a job that printed nothing', async () => {
    expect(await readAll()).toEqual([]);
  });

  it('cuts a long line into parts', async () => {
    await store.append(ref, [record('x'.repeat(150_000))]);
    expect((await readAll()).map(({ bytes, endsLine }) => [bytes.length, endsLine])).toEqual([
      [65_536, false],
      [65_536, false],
      [18_928, true],
    ]);
  });

  it('reads over the borders of segments and of read chunks', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `${n} ${'x'.repeat(n % 700)}`);
    writeSegments(lines, 100_000);
    expect(segments().length).toBeGreaterThan(5);
    expect(await readTexts()).toEqual(lines);
  });

  it('sees what is appended while it reads, in the same segment and in later ones', async () => {
    writeSegments(['a'], 1000);
    const seen: string[] = [];
    for await (const batch of store.read(ref)) {
      seen.push(...batch.map(({ bytes }) => Buffer.from(bytes).toString()));
      if (seen.length === 1) {
        writeSegments(['b'], 1000);
        writeSegments(['c', 'd'], 1);
      }
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  describe.each([
    { tail: 'a header alone', tear: (file: string) => truncateSync(file, statSync(file).size - 5) },
    { tail: 'half a header', tear: (file: string) => truncateSync(file, statSync(file).size - 15) },
    { tail: 'zeros, as after a power cut', tear: (file: string) => appendFileSync(file, Buffer.alloc(5000)) },
    { tail: 'noise', tear: (file: string) => appendFileSync(file, Buffer.alloc(100, 0xff)) },
  ])('a segment that ends in $tail', ({ tear }) => {
    it('is read up to there, and continued from there', async () => {
      await store.append(ref, [record('whole'), record('wreck')]);
      await store.close();
      for (const file of segments()) tear(file);
      const before = await readTexts();
      expect(before[0]).toBe('whole');
      await store.append(ref, [record('later')]);
      expect(await readTexts()).toEqual([...before, 'later']);
    });

    it('does not hide the segments after it', async () => {
      writeSegments(['first', 'wreck', 'third'], 1);
      const [, second = ''] = segments();
      tear(second);
      const texts = await readTexts();
      expect([texts[0], texts.at(-1)]).toEqual(['first', 'third']);
    });
  });

  it('removes all output of a run and leaves that of others', async () => {
    const other = { runId: uuid() as RunId, jobId: uuid() as JobId };
    await store.append(ref, [record('mine')]);
    await store.append(other, [record('other')]);
    await store.remove(ref.runId);
    await store.remove(ref.runId);
    expect(await readAll()).toEqual([]);
    expect(readdirSync(folder)).toEqual([other.runId]);
  });

  it('goes on after a removal', async () => {
    await store.append(ref, [record('old')]);
    await store.remove(ref.runId);
    await store.append(ref, [record('new')]);
    expect(await readTexts()).toEqual(['new']);
  });

  it.each(['..', '../x', '', 'a/b', '.'])('takes %j for no id', async (id) => {
    await expect(store.append({ ...ref, jobId: id as JobId }, [record('x')])).rejects.toThrow('not an id');
    await expect(store.remove(id as RunId)).rejects.toThrow('not an id');
    expect(() => store.read({ ...ref, runId: id as RunId })).toThrow('not an id');
  });

  it('keeps files of few jobs open', async () => {
    for (let n = 0; n < 100; n += 1) await store.append({ ...ref, jobId: uuid() as JobId }, [record('x')]);
    const open = readdirSync('/proc/self/fd').length;
    await store.close();
    expect(open - readdirSync('/proc/self/fd').length).toBe(64);
  });
});
