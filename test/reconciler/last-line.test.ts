import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import type { JobId, RunId } from '../../src/core/ids.js';
import { createFileLogStore } from '../../src/logs/file-log-store.js';
import { lastLine } from '../../src/reconciler/last-line.js';

const folder = mkdtempSync(join(tmpdir(), 'franca-last-line-'));
const logs = createFileLogStore(folder);

afterAll(async () => {
  await logs.close();
  rmSync(folder, { recursive: true });
});

describe('the last line of a log', () => {
  it.each<[string, readonly string[], string | null]>([
    ['of nothing', [], null],
    ['of empty lines', ['\n', ' \n'], null],
    ['behind which empty ones come', ['a\n', 'b\n', '\n', '  \n'], 'b'],
    ['that is not ended', ['a\n', 'b'], 'b'],
    ['with what no database and no terminal takes', ['\u0000\u001b[31mred\t!\n'], '[31mred !'],
    ['that is long', [`${'😀'.repeat(5000)}`], `${'😀'.repeat(400)}…`],
  ])('%s', async (_name, printed, expected) => {
    const ref = { runId: v7() as RunId, jobId: v7() as JobId };
    const records = printed.map((text) => ({
      at: 1,
      stream: 'stderr' as const,
      bytes: Buffer.from(text.replace(/\n$/, '')),
      endsLine: text.endsWith('\n'),
    }));
    await logs.append(ref, records);
    expect(await lastLine(logs, ref)).toBe(expected);
  });
});
