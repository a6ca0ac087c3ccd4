import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Columns, type ReadRequest, UnreadableDatabase } from '../../src/core/ports/index.js';
import { createJobDatabases, type JobDatabasesOptions } from '../../src/job-databases/job-databases.js';
import { jobDatabaseReader } from '../support/compiled.js';

const columns = { key: 'text', value: 'real' } as const satisfies Columns;

const writerProgram = fileURLToPath(new URL('writer.mjs', import.meta.url));

let folder: string;
let file: string;

beforeEach(() => {
  if (!existsSync(jobDatabaseReader))
    throw new Error('run `npm run build` first: the reader is not compiled');
  folder = mkdtempSync(join(tmpdir(), 'franca-job-databases-'));
  file = join(folder, 'inbox', 'records.db');
  mkdirSync(join(folder, 'inbox'));
});

afterEach(() => {
  const left = readdirSync(join(folder, 'inbox')).filter((name) => name.startsWith('.copy-'));
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

function write(sql: string): void {
  const database = new BetterSqlite(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

interface Reading {
  readonly columns?: Columns;
  readonly after?: number;
  readonly ended?: boolean;
  readonly timeZone?: string;
  readonly options?: JobDatabasesOptions;
}

/** The rows of the table `metric`, or the reason for which not all of them can be read. */
async function read({ after = 0, ended = true, timeZone, options, columns: wanted = columns }: Reading = {}) {
  const request: ReadRequest = {
    tables: [{ name: 'metric', columns: wanted, after }],
    timeZone: timeZone ?? null,
    ended,
  };
  const rows: unknown[][] = [];
  try {
    for await (const found of createJobDatabases({ program: jobDatabaseReader, ...options }).read(
      file,
      request,
    )) {
      expect(found.table).toBe('metric');
      rows.push(...found.rows.map(({ id, values }) => [id, ...Object.values(values)]));
    }
    return { rows, problem: null };
  } catch (error) {
    if (!(error instanceof UnreadableDatabase)) throw error;
    return { rows, problem: error.message };
  }
}

describe('the database of a job', () => {
  it('is read in the order of its rows, from a place on', async () => {
    write(`create table metric (key text, value real);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 1234)
      insert into metric select 'k' || i, i / 2.0 from n;
      delete from metric where value = 3`);
    const { rows, problem } = await read();
    expect(problem).toBeNull();
    expect(rows).toHaveLength(1233);
    expect(rows.slice(4, 7)).toEqual([
      [5, 'k5', 2.5],
      [7, 'k7', 3.5],
      [8, 'k8', 4],
    ]);
    expect((await read({ after: 1232 })).rows).toEqual([
      [1233, 'k1233', 616.5],
      [1234, 'k1234', 617],
    ]);
    expect(await read({ after: 1234 })).toEqual({ rows: [], problem: null });
  });

  it('has no rows where there is no file, or no table', async () => {
    expect(await read()).toEqual({ rows: [], problem: null });
    write('create table other (x)');
    expect(await read()).toEqual({ rows: [], problem: null });
    rmSync(join(folder, 'inbox'), { recursive: true });
    expect(await read()).toEqual({ rows: [], problem: null });
    mkdirSync(join(folder, 'inbox'));
  });

  it('holds values of any type, of which those are read that were asked for', async () => {
    const kinds = { a: 'text', b: 'real', c: 'integer', d: 'localTime' } as const;
    write(`create table metric (a, b, c, d);
      insert into metric values ('ü😀', 9e999, 9223372036854775807, '2026-11-26 08:29:08.5');
      insert into metric values (1, 'x', 1.9, '2026-11-26 08:29:08');
      insert into metric values (x'00', 2, -9223372036854775808, '0099-02-28T23:59:59.000001');
      insert into metric values ('${'x'.repeat(2000)}', -9e999, '5', '2026-02-30 00:00:00');
      insert into metric values ('${'x'.repeat(2001)}', null, null, 5)`);
    const { rows, problem } = await read({ columns: kinds, timeZone: 'Asia/Tokyo' });
    expect(problem).toBeNull();
    const micros = (text: string) => BigInt(Date.parse(text)) * 1000n;
    expect(rows).toEqual([
      [1, 'ü😀', Number.POSITIVE_INFINITY, 2n ** 63n - 1n, micros('2026-11-26T08:29:08.500+09:00')],
      [2, null, null, 1n, micros('2026-11-26T08:29:08+09:00')],
      [3, null, 2, -(2n ** 63n), expect.any(BigInt)],
      [4, 'x'.repeat(2000), Number.NEGATIVE_INFINITY, null, null],
      [5, null, null, null, null],
    ]);
    expect(BigInt(String(rows[2]?.[4])) % 1_000_000n).toBe(-999_999n);
  });

  it('tells by a stamp that it was changed', async () => {
    const { stamp } = createJobDatabases({ program: jobDatabaseReader });
    expect(await stamp(file)).toBeNull();
    write('create table metric (key text, value real)');
    const first = await stamp(file);
    expect(await stamp(file)).toBe(first);
    write("insert into metric values ('a', 1)");
    expect(await stamp(file)).not.toBe(first);
  });

  it('is left for later while it is written', async () => {
    write("create table metric (key text, value real); insert into metric values ('a', 1)");
    const writer = spawn(process.execPath, [writerProgram, file, 'hold'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    expect(await read({ ended: false })).toEqual({ rows: [], problem: null });
    writer.stdin.end();
    await once(writer, 'exit');
    expect((await read({ ended: false })).rows).toHaveLength(2);
  });

  it.each(['delete', 'wal'])('is recovered after its writer was killed (%s)', async (mode) => {
    const writer = spawn(process.execPath, [writerProgram, file, mode], { stdio: 'inherit' });
    expect(await once(writer, 'exit')).toEqual([null, 'SIGKILL']);
    const before = readFileSync(file);
    expect(readdirSync(join(folder, 'inbox')).length).toBeGreaterThan(1);
    expect((await read({ ended: false })).problem).toBeNull();
    const { rows, problem } = await read();
    expect(problem).toBeNull();
    expect(rows).toHaveLength(1000);
    expect(rows.every(([id, key, value]) => key === 'stored' && value === Number(id) - 1)).toBe(true);
    // The file itself was left alone: only a copy was recovered.
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('a hostile database', () => {
  const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';

  it.each([
    ['a view', `create view metric as select 'k' as key, i as value from (${endless})`, /plain table/],
    ['a virtual table', 'create virtual table metric using fts5(key, value)', /plain table/],
    [
      'a computed column',
      "create table metric (key text, value real generated always as (length(zeroblob(500000000))) virtual); insert into metric values ('a')",
      /plain column value/,
    ],
    [
      'a stored computed column',
      "create table metric (key text, value real generated always as (1) stored); insert into metric values ('a')",
      /plain column value/,
    ],
    ['no ids', 'create table metric (key text primary key, value real) without rowid', /plain table/],
    ['false ids', 'create table metric (key text, value real, "RowID" text)', /hides the ids/],
    ['no such column', 'create table metric (key text)', /plain column value/],
  ])('with %s is not read', async (_name, sql, problem) => {
    write(sql);
    expect(await read()).toEqual({ rows: [], problem: expect.stringMatching(problem) });
    expect(await read({ ended: false })).toMatchObject({ rows: [], problem: expect.stringMatching(problem) });
  });

  it('with triggers, and views beside its tables, runs none of them', async () => {
    write(`create table metric (key text, value real);
      create view endless as ${endless};
      insert into metric values ('a', 1);
      create trigger t after insert on metric begin insert into metric select 'x', i from endless; end`);
    expect(await read()).toEqual({ rows: [[1, 'a', 1]], problem: null });
  });

  it('that is no database, or none any more, is read as far as that goes', async () => {
    writeFileSync(file, 'once upon a time '.repeat(100));
    expect((await read()).problem).toMatch(/not a database/);
    writeFileSync(file, '');
    expect(await read()).toEqual({ rows: [], problem: null });
    rmSync(file);
    write(`create table metric (key text, value real);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
      insert into metric select 'k' || i, i from n`);
    truncateSync(file, 40_000);
    const { problem } = await read();
    expect(problem).not.toBeNull();
  });

  it('that is damaged anywhere harms nobody', async () => {
    write(`create table metric (key text, value real);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 700)
      insert into metric select 'k' || i, i from n`);
    const whole = readFileSync(file);
    let state = 7;
    const below = (limit: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state % limit;
    };
    for (let round = 0; round < 25; round += 1) {
      const damaged = Buffer.from(whole);
      for (let times = 0; times < 1 + (round % 8) * 4; times += 1)
        damaged[round < 12 ? below(400) : below(damaged.length)] = below(256);
      writeFileSync(file, damaged);
      const { rows } = await read({ options: { silenceMillis: 5_000, rowLimit: 10_000 } });
      const ids = rows.map(([id]) => Number(id));
      expect(ids.every((id, place) => place === 0 || id > (ids[place - 1] ?? 0))).toBe(true);
    }
  });

  it('that is a link, a pipe or a folder, or lies in one that is, is not read', async () => {
    const elsewhere = join(folder, 'elsewhere.db');
    write("create table metric (key text, value real); insert into metric values ('secret', 1)");
    writeFileSync(elsewhere, readFileSync(file));
    rmSync(file);
    symlinkSync(elsewhere, file);
    expect((await read()).problem).toMatch(/cannot be opened/);
    rmSync(file);
    execFileSync('mkfifo', [file]);
    expect((await read()).problem).toMatch(/not a file/);
    rmSync(file);
    mkdirSync(file);
    expect((await read()).problem).toMatch(/not a file/);
    rmSync(join(folder, 'inbox'), { recursive: true });
    symlinkSync(folder, join(folder, 'inbox'));
    writeFileSync(join(folder, 'records.db'), readFileSync(elsewhere));
    expect((await read()).problem).toMatch(/folder is none/);
  });

  it('with links beside it, or a journal that names another file, is not recovered', async () => {
    write("create table metric (key text, value real); insert into metric values ('a', 1)");
    const precious = join(folder, 'precious');
    writeFileSync(precious, `${file}-journal\0`);
    const magic = Buffer.from('d9d505f920a163d7', 'hex');
    writeFileSync(`${file}-journal`, Buffer.concat([Buffer.alloc(512), Buffer.from(precious), magic]));
    expect((await read()).problem).toMatch(/names another file/);
    rmSync(`${file}-journal`);
    symlinkSync(precious, `${file}-wal`);
    expect((await read()).problem).toMatch(/cannot be opened/);
    expect(readFileSync(precious, 'utf8')).toBe(`${file}-journal\0`);
    rmSync(`${file}-wal`);
  });

  it('that is too large to be recovered, too long, or takes too much time, is given up', async () => {
    write(`create table metric (key text, value real);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
      insert into metric select 'k', i from n`);
    expect(await read({ options: { rowLimit: 1_200 } })).toMatchObject({ problem: 'it has too many rows' });
    expect(await read({ options: { silenceMillis: 1 } })).toEqual({
      rows: [],
      problem: 'its reader ended with SIGKILL',
    });
    writeFileSync(`${file}-journal`, 'x');
    expect(await read({ options: { byteLimit: 1_000 } })).toEqual({ rows: [], problem: 'it is too large' });
  });

  it('leaves no reader behind when nobody wants more of it', async () => {
    write(`create table metric (key text, value real);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)
      insert into metric select 'k', i from n`);
    const databases = createJobDatabases({ program: jobDatabaseReader });
    const request = { tables: [{ name: 'metric', columns, after: 0 }], timeZone: null, ended: true };
    for await (const found of databases.read(file, request)) {
      expect(found.rows.length).toBeGreaterThan(0);
      break;
    }
    const readers = () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => existsSync(`/proc/${pid}/cmdline`) && commandOf(pid).includes(file));
    await expect.poll(readers, { timeout: 5_000 }).toEqual([]);
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
