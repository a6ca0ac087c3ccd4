import fc from 'fast-check';
import { expect } from 'vitest';
import { additions } from './additions.js';
import type { Facts } from './facts.js';
import { foundry } from './readers/foundry.js';
import { mlflow } from './readers/mlflow.js';
import { polyaxon } from './readers/polyaxon.js';
import type { Reader } from './readers/reader.js';
import { seed } from './readers/seed.js';
import { submarine } from './readers/submarine.js';
import type { Platform } from './support.js';
import { removeRun, type Writer } from './writers/writer.js';

/** Each run of a property here asks every dialect dozens of times. In milliseconds. */
export const testTimeout = 180_000;

/** Ends the search for the smallest counterexample in time for the test to tell the smallest so far. */
export const limits = { interruptAfterTimeLimit: 0.8 * testTimeout, markInterruptAsFailure: true };

export const readers: readonly Reader[] = [polyaxon, submarine, mlflow, seed, foundry];

/** That every dialect shows of a run what the design says that it shows of what was written. */
export async function checkAll(platform: Platform, facts: Facts): Promise<void> {
  for (const reader of readers) {
    const shown = await reader.read(platform, facts.names);
    expect({ reader: reader.name, ...shown }).toEqual({ reader: reader.name, ...reader.expected(facts) });
  }
}

/**
 * For generated runs of a writer: each dialect shows what it must, the writer reads its own again as it was before any
 * of them looked, and what clients of each of them add is shown by all beside what was there.
 */
export async function checkWriter<Wish>(
  platform: Platform,
  writer: Writer<Wish>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(writer.wishes, async (wish) => {
      const facts = await writer.write(platform, wish);
      const own = await writer.reader.read(platform, facts.names);
      await checkAll(platform, facts);
      expect(await writer.reader.read(platform, facts.names)).toEqual(own);
      let all = facts;
      for (const addition of additions) all = await addition.add(platform, all);
      await checkAll(platform, all);
      await removeRun(platform, facts.names);
    }),
    { numRuns, ...limits },
  );
}
