import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Status } from '../../src/core/status.js';
import { entry, freePort, type RunningServer, startServer } from '../support/server.js';

/** True when every count and duration that is promised shall be run, not a small share of them. */
export const full = process.env.FRANCA_TEST_FULL === '1';

/** A folder of one test, with a data folder that servers follow one another on, and a port that stays. */
export interface Site {
  readonly dataFolder: string;
  readonly folder: string;
  readonly port: number;
  readonly url: string;
  /** Writes a shell script and gives the command that runs it. */
  script(name: string, text: string): Promise<string>;
  /** The lines that jobs have appended to `$WITNESS`, which `envVars` must name. */
  witness(): Promise<readonly string[]>;
  readonly witnessFile: string;
  /** Starts a server on the data folder and port; the one before it must have ended. */
  start(env?: Readonly<Record<string, string>>): Promise<RunningServer>;
  /** Ends the server, if one runs, checks that no process of the site is left, and removes the folder. */
  remove(): Promise<void>;
}

export async function createSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-fault-'));
  const dataFolder = join(folder, 'data');
  await mkdir(dataFolder);
  const port = await freePort();
  const witnessFile = join(folder, 'witness');
  await writeFile(witnessFile, '');
  let server: RunningServer | undefined;
  return {
    folder,
    dataFolder,
    port,
    url: `http://127.0.0.1:${port}`,
    witnessFile,
    async script(name, text) {
      const file = join(folder, name);
      await writeFile(file, text);
      return `sh ${file}`;
    },
    async witness() {
      return (await readFile(witnessFile, 'utf8')).split('\n').filter((line) => line !== '');
    },
    async start(env = {}) {
      server = await startServer({ dataFolder, port, env });
      return server;
    },
    async remove() {
      await server?.stop();
      expect(processesWith(folder)).toEqual([]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An experiment as Submarine's clients post it. */
export interface Submission {
  readonly name: string;
  readonly cmd: string;
  readonly envVars?: Readonly<Record<string, string>>;
  readonly roles?: Readonly<Record<string, { replicas: number; cmd?: string }>>;
}

export function experimentOf({ name, cmd, envVars = {}, roles }: Submission): object {
  const spec = Object.fromEntries(
    Object.entries(roles ?? { Worker: { replicas: 1 } }).map(([role, task]) => [
      role,
      { ...task, resources: 'cpu=1,memory=64M' },
    ]),
  );
  return { meta: { name, framework: 'TensorFlow', cmd, envVars }, environment: { image: 'none' }, spec };
}

export interface Experiment {
  readonly experimentId: string;
  readonly uid: string;
  readonly name: string;
  readonly status: string;
  readonly finishedTime: string | null;
}

/** Posts an experiment; rejects when the connection breaks, as it does when the server is killed. */
export function post(url: string, submission: Submission, key?: string): Promise<Response> {
  return fetch(`${url}/api/v1/experiment`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(experimentOf(submission)),
  });
}

export async function resultOf<T>(answer: Response): Promise<T> {
  const body = (await answer.json()) as { result: T; message: string | null };
  if (!answer.ok) throw new Error(`${answer.status}: ${body.message}`);
  return body.result;
}

export async function submit(url: string, submission: Submission, key?: string): Promise<Experiment> {
  return resultOf(await post(url, submission, key));
}

export async function get(url: string, id: string): Promise<Experiment> {
  return resultOf(await fetch(`${url}/api/v1/experiment/${id}`));
}

export async function list(url: string): Promise<readonly Experiment[]> {
  return resultOf(await fetch(`${url}/api/v1/experiment`));
}

export async function remove(url: string, id: string): Promise<Response> {
  return fetch(`${url}/api/v1/experiment/${id}`, { method: 'DELETE' });
}

/** The log of each pod, by its name. */
export async function logs(url: string, id: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const result = await resultOf<{ logContent: { podName: string; podLog: string[] }[] }>(
    await fetch(`${url}/api/v1/experiment/logs/${id}`),
  );
  return Object.fromEntries(result.logContent.map((pod) => [pod.podName, pod.podLog]));
}

/** Asks until the answer is right; the last failure is the test's. */
export async function eventually<T>(ask: () => Promise<T>, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export function waitForEnd(url: string, id: string, seconds = 60): Promise<Experiment> {
  return eventually(async () => {
    const experiment = await get(url, id);
    if (!['Succeeded', 'Failed'].includes(experiment.status))
      throw new Error(`${id} is ${experiment.status}`);
    return experiment;
  }, seconds);
}

/** Pids of all processes whose environment or words match: what a test must not leave behind. */
export function processesWith(pattern: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const text =
          readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return text.includes(pattern) && !isZombie(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function isZombie(pid: string): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.startsWith('Z') ?? false;
}

/** Files and folders below the data folder that belong to some run or upload, or are on their way out. */
export function leftovers(site: Site): readonly string[] {
  const all = readdirSync(site.dataFolder, { recursive: true, encoding: 'utf8' });
  return all.filter((name) => /[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}/.test(name));
}

/** How many rows of a run, by its key, each table that refers to runs has. */
export function rowsOfRun(site: Site, key: number): Readonly<Record<string, number>> {
  const tables = query<{ name: string }>(
    site,
    `select m.name from sqlite_master as m join pragma_table_info(m.name) as c
     where m.type = 'table' and c.name = 'run_key' order by m.name`,
  );
  const counts = tables.map(({ name }) => {
    const [row] = query<{ rows: number }>(
      site,
      `select count(*) as rows from ${name} where run_key = ${key}`,
    );
    return [name, row?.rows ?? 0];
  });
  return Object.fromEntries(counts);
}

/** A status event as stored. */
export interface EventRow {
  readonly run_key: number;
  readonly job_key: number | null;
  readonly attempt: number;
  readonly status: Status;
}

/** Reads the database of a site beside the server that may be using it. */
export function query<T>(site: Site, sql: string): readonly T[] {
  const database = new Database(join(site.dataFolder, 'franca.db'), { readonly: true });
  try {
    return database.prepare<[], T>(sql).all();
  } finally {
    database.close();
  }
}

/** Statuses that an attempt of a run, or of a job, has had more than once. None may come twice. */
export function repeatedEvents(site: Site): readonly EventRow[] {
  return query<EventRow>(
    site,
    `select run_key, job_key, attempt, status from status_event
     group by run_key, job_key, attempt, status having count(*) > 1`,
  );
}

/** Runs that have not exactly one event that ends them. */
export function runsWithoutOneEnd(site: Site): readonly { key: number; ends: number }[] {
  return query(
    site,
    `select run.key as key, count(event.seq) as ends from run
     left join status_event as event on event.run_key = run.key and event.job_key is null
       and event.status in ('succeeded', 'failed', 'upstream_failed', 'stopped', 'skipped')
     group by run.key having count(event.seq) <> 1`,
  );
}

export { entry };
