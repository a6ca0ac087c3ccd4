import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRef } from '../../src/core/ports/index.js';
import { firstJob, onePlan, shell, untilStatus } from '../conformance/runner/plans.js';
import { createLocalFixture, type LocalFixture } from '../runner/local/harness.js';

let fixture: LocalFixture;

beforeEach(async () => {
  fixture = await createLocalFixture();
});
afterEach(() => fixture.dispose());

/** What the log holds of one stream: its SHA-256 as the producer wrote it, and how many lines ended. */
async function digest(job: LogRef, stream: 'stdout' | 'stderr'): Promise<{ sha256: string; lines: number }> {
  const hash = createHash('sha256');
  let lines = 0;
  for await (const records of fixture.logs.read(job)) {
    for (const record of records) {
      if (record.stream !== stream) continue;
      hash.update(record.bytes);
      if (!record.endsLine) continue;
      hash.update('\n');
      lines += 1;
    }
  }
  return { sha256: hash.digest('hex'), lines };
}

/** Outputs that a job writes to a file, takes the SHA-256 of, prints on stdout, and then says the SHA-256 on stderr. */
const outputs = [
  { name: '10^6 lines', script: 'seq 1000000', lines: 1_000_000 },
  {
    name: '200 MB',
    script: 'yes "epoch 17 loss 0.318 accuracy 0.912 learning rate 0.0003" | head -c 200000000',
    lines: 3_571_428,
  },
  {
    name: '100 MB in one line of invalid UTF-8',
    script: 'head -c 100000000 /dev/urandom | tr "\\n" "\\377"',
    lines: 0,
  },
  { name: '2 * 10^6 empty lines', script: 'yes "" | head -n 2000000', lines: 2_000_000 },
];

describe('a big output is kept byte for byte', () => {
  it.each(outputs)('$name', async ({ script, lines }) => {
    const plan = onePlan(
      shell(`(${script}) > all; sha256sum < all | cut -d " " -f 1 | tr -d "\\n" >&2; cat all`),
    );
    await fixture.runner.submit(plan);
    await untilStatus(fixture.runner, firstJob(plan), 'succeeded', 120);
    const [claimed] = await stderrOf(firstJob(plan));
    expect(await digest(firstJob(plan), 'stdout')).toEqual({ sha256: claimed, lines });
  });

  it('of two streams at once', async () => {
    const plan = onePlan(shell('seq 300000 & seq 300000 >&2; wait'));
    await fixture.runner.submit(plan);
    await untilStatus(fixture.runner, firstJob(plan), 'succeeded', 120);
    const expected = createHash('sha256')
      .update(Array.from({ length: 300_000 }, (_, n) => `${n + 1}\n`).join(''))
      .digest('hex');
    for (const stream of ['stdout', 'stderr'] as const) {
      expect(await digest(firstJob(plan), stream)).toEqual({ sha256: expected, lines: 300_000 });
    }
  });
});

async function stderrOf(job: LogRef): Promise<string[]> {
  const texts: string[] = [];
  for await (const records of fixture.logs.read(job)) {
    for (const { stream, bytes } of records)
      if (stream === 'stderr') texts.push(Buffer.from(bytes).toString());
  }
  return texts;
}
