import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classify } from '../../src/core/metrics.js';
import { paramOf } from '../../src/core/params.js';
import { type CrashPoint, intakePoints, UnreadableDatabase } from '../../src/core/ports/index.js';
import type { Ports } from '../../src/services/context.js';
import { createRecordIntake } from '../../src/services/intake/record-intake.js';
import {
  type JobInbox,
  type RecordDatabase,
  recordTable,
  takeIn,
} from '../../src/services/intake/take-in.js';
import { readHistory } from '../../src/services/metrics/history.js';
import { readParams } from '../../src/services/params/read.js';
import { createRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { aRole, aSpec } from '../support/builders.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let folder: string;

beforeEach(async () => {
  bench = await createBench();
  folder = mkdtempSync(join(tmpdir(), 'franca-intake-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await bench.close();
});

const database: RecordDatabase = {
  file: 'records.db',
  tables: [
    recordTable({
      name: 'points',
      columns: { name: 'text', number: 'real', at: 'localTime' },
      read: ({ name, number, at }) =>
        name === null || number === null
          ? null
          : {
              kind: 'point',
              point: {
                key: name,
                ...classify(number),
                step: null,
                timestampMs: (at ?? 0n) / 1000n,
                timestampUs: 0,
              },
            },
    }),
    recordTable({
      name: 'words',
      columns: { name: 'text', word: 'text' },
      read: ({ name, word }) =>
        name === null ? null : { kind: 'param', param: paramOf(name, word ?? 'missing') },
    }),
  ],
};

const tables = `create table if not exists points (name text, number real, at text);
  create table if not exists words (name text, word text);`;

/** Adds points that count on, and words. */
function write(inbox: JobInbox, count: number, words: readonly (readonly [string, string])[] = []): void {
  const file = new BetterSqlite(join(inbox.folder, database.file));
  file.exec(tables);
  const { last } = file
    .prepare<[], { last: number }>('select coalesce(max(rowid), 0) as last from points')
    .get() ?? {
    last: 0,
  };
  const insert = file.prepare('insert into points values (?, ?, ?)');
  file.transaction(() => {
    for (let number = 1; number <= count; number += 1)
      insert.run('loss', last + number, '2026-01-02 03:04:05');
  })();
  for (const [name, word] of words) file.prepare('insert into words values (?, ?)').run(name, word);
  file.close();
}

async function anInbox(fields: Partial<JobInbox> = {}): Promise<JobInbox> {
  const params = [paramOf('lr', 0.1)];
  const { run, jobs, spec } = await createRun(bench.ctx, aRequest({ params }));
  const [job] = jobs;
  if (job === undefined || spec === null) throw new Error('the run has a job');
  const own = join(folder, String(run.key));
  mkdirSync(own);
  return { run, job, spec, folder: own, ended: true, signal: new AbortController().signal, ...fields };
}

const numbersOf = async ({ run }: JobInbox) => {
  const { points } = await readHistory(bench.ctx, { id: run.id }, 'loss', { limit: 10_000 });
  return points.map((point) => point.value);
};

const upTo = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

describe('what a job leaves in a database', () => {
  it('is taken in once, with what came since, however often and by however many', async () => {
    const inbox = await anInbox();
    await takeIn(bench.ports, inbox, database);
    expect(await numbersOf(inbox)).toEqual([]);
    write(inbox, 1_200);
    await Promise.all(upTo(4).map(() => takeIn(bench.ports, inbox, database)));
    expect(await numbersOf(inbox)).toEqual(upTo(1_200));
    write(inbox, 3);
    await takeIn(bench.ports, inbox, database);
    await takeIn(bench.ports, inbox, database);
    expect(await numbersOf(inbox)).toEqual(upTo(1_203));
    expect((await bench.store.read.runs.findByKey(inbox.run.key))?.heartbeatAt).not.toBeNull();
  });

  it('adds params, of which the first word counts', async () => {
    const inbox = await anInbox();
    write(inbox, 0, [
      ['depth', '3'],
      ['lr', '9'],
      ['depth', '4'],
    ]);
    await takeIn(bench.ports, inbox, database);
    write(inbox, 0, [
      ['depth', '5'],
      ['width', '6'],
    ]);
    await takeIn(bench.ports, inbox, database);
    const params = await readParams(bench.ctx, { id: inbox.run.id });
    expect(params.map(({ key, text }) => [key, text])).toEqual([
      ['lr', '0.1'],
      ['depth', '3'],
      ['width', '6'],
    ]);
  });

  it('is that of each job by itself', async () => {
    const [one, two] = [await anInbox(), await anInbox()];
    write(one, 2);
    write(two, 3);
    for (const inbox of [one, two]) await takeIn(bench.ports, inbox, database);
    expect([await numbersOf(one), await numbersOf(two)]).toEqual([upTo(2), upTo(3)]);
  });

  it.each(intakePoints)('is whole after a death at %s', async (point) => {
    const inbox = await anInbox();
    write(inbox, 1_200, [['depth', '3']]);
    for (const pass of [1, 2, 3]) {
      let passed = 0;
      const crash = (passing: CrashPoint) => {
        passed += passing === point ? 1 : 0;
        if (passing === point && passed === pass) throw new Error('killed');
      };
      const dying: Ports = { ...bench.ports, crash };
      await takeIn(dying, inbox, database).catch((error: Error) => expect(error.message).toBe('killed'));
    }
    await takeIn(bench.ports, inbox, database);
    expect(await numbersOf(inbox)).toEqual(upTo(1_200));
    const params = await readParams(bench.ctx, { id: inbox.run.id });
    expect(params.map((param) => param.key)).toEqual(['lr', 'depth']);
  });

  it('has its times in the zone of its job', async () => {
    const timeOf = async (env: { name: string; value: string }[]) => {
      const inbox = await anInbox({ spec: aSpec({ roles: [aRole({ env })] }) });
      write(inbox, 1);
      await takeIn(bench.ports, inbox, database);
      const { points } = await readHistory(bench.ctx, { id: inbox.run.id }, 'loss', { limit: 1 });
      return Number(points[0]?.timestampMs);
    };
    expect(await timeOf([{ name: 'TZ', value: 'America/New_York' }])).toBe(
      Date.parse('2026-01-02T03:04:05-05:00'),
    );
    expect(
      await timeOf([
        { name: 'TZ', value: 'UTC' },
        { name: 'TZ', value: 'Asia/Kolkata' },
      ]),
    ).toBe(Date.parse('2026-01-02T03:04:05+05:30'));
  });

  it('is nothing to a run that is being removed', async () => {
    const inbox = await anInbox();
    write(inbox, 2);
    await deleteRun(bench.ctx, { id: inbox.run.id });
    await takeIn(bench.ports, inbox, database);
    expect(await bench.store.read.metrics.summary(inbox.run.key, 'loss')).toBeNull();
    await bench.store.transaction((tx) => tx.runs.remove(inbox.run.key));
    await takeIn(bench.ports, inbox, database);
  });

  it('is left where it is when the server stops, and taken in later', async () => {
    const stopping = new AbortController();
    const inbox = await anInbox({ signal: stopping.signal });
    write(inbox, 1_200);
    const ports: Ports = {
      ...bench.ports,
      crash: (point) => {
        if (point === 'intake.afterCommit') stopping.abort();
      },
    };
    await expect(takeIn(ports, inbox, database)).rejects.toThrow();
    const { length } = await numbersOf(inbox);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(1_200);
    await takeIn(bench.ports, { ...inbox, signal: new AbortController().signal }, database);
    expect(await numbersOf(inbox)).toEqual(upTo(1_200));
  });

  it('is told to be unreadable where it is', async () => {
    const inbox = await anInbox();
    writeFileSync(
      join(inbox.folder, database.file),
      'no database, but long enough to be taken for one'.repeat(20),
    );
    await expect(takeIn(bench.ports, inbox, database)).rejects.toBeInstanceOf(UnreadableDatabase);
  });
});

describe('an intake', () => {
  it('reads a file again once it was changed, and at the end', async () => {
    let readings = 0;
    const ports: Ports = {
      ...bench.ports,
      jobDatabases: {
        ...bench.ports.jobDatabases,
        read(file, request) {
          readings += 1;
          return bench.ports.jobDatabases.read(file, request);
        },
      },
    };
    const intake = createRecordIntake(ports, database);
    const inbox = await anInbox({ ended: false });
    await intake(inbox);
    expect(readings).toBe(0);
    write(inbox, 2);
    await intake(inbox);
    await intake(inbox);
    expect([readings, await numbersOf(inbox)]).toEqual([1, upTo(2)]);
    write(inbox, 1);
    await intake(inbox);
    expect([readings, await numbersOf(inbox)]).toEqual([2, upTo(3)]);
    await intake({ ...inbox, ended: true });
    expect([readings, await numbersOf(inbox)]).toEqual([3, upTo(3)]);
  });
});
