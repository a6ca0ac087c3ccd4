/** All processes of this machine, looked at twice, for whoever measures what they use. Linux alone. */
import * as fs from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type ProcessStat, parseStat } from './processes.js';

/** A process of one look. */
export interface SeenProcess extends ProcessStat {
  /** The job that its environment names. */
  readonly jobId: string | null;
  /** True once its environment need not be read again: just before it began its program it had its parent's. */
  readonly isSettled: boolean;
}

/** All processes at one time. Those that wait to be collected are among them, with the time that they took. */
export interface ProcessLook {
  /** In milliseconds of `performance.now()`. */
  readonly at: number;
  readonly processes: ReadonlyMap<number, SeenProcess>;
}

/** Two looks, one after the other. */
export interface ProcessLooks {
  readonly before: ProcessLook;
  readonly now: ProcessLook;
}

/** A look serves everybody who asks within this time, or within some times as long as it took. */
const freshMillis = 500;
const restFactor = 4;
/** A look that is out of date by more than this is no ground for a rate. */
const staleMillis = 5000;
/** Between the two looks of a table that had none. */
const firstGapMillis = 250;
/** How many processes are looked at in one turn of the event loop; each takes some 20 microseconds. */
const sliceLength = 64;
/** How many environments are read at once. */
const environmentsAtOnce = 8;

/** The last two looks; a look is taken only when somebody asks. */
export interface ProcessTable {
  looks(): Promise<ProcessLooks>;
}

/** A table without a look yet. */
export function createProcessTable(): ProcessTable {
  let last: (ProcessLooks & { readonly freshUntil: number }) | null = null;
  let looking: Promise<ProcessLooks> | null = null;

  async function look(): Promise<ProcessLooks> {
    const isStale = last === null || performance.now() > last.freshUntil + staleMillis;
    const before = isStale || last === null ? await takeLook(last?.now ?? null) : last.now;
    if (isStale) await delay(firstGapMillis);
    const now = await takeLook(before);
    const end = performance.now();
    last = { before, now, freshUntil: end + Math.max(freshMillis, restFactor * (end - now.at)) };
    return last;
  }

  return {
    async looks() {
      if (last !== null && performance.now() < last.freshUntil) return last;
      looking ??= look().finally(() => {
        looking = null;
      });
      return looking;
    },
  };
}

/** What was known of an environment is not read again: for that the look before is given. */
async function takeLook(before: ProcessLook | null): Promise<ProcessLook> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const at = performance.now();
  const processes = new Map<number, SeenProcess>();
  const unread: ProcessStat[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % sliceLength === sliceLength - 1) await nextTurn();
    const stat = readStat(pid);
    if (stat === null) continue;
    const known = before?.processes.get(pid);
    const isKnown = known?.startTime === stat.startTime;
    const { jobId, isSettled } = isKnown ? known : { jobId: null, isSettled: false };
    processes.set(pid, { ...stat, jobId, isSettled });
    if (!isSettled) unread.push(stat);
  }
  await Promise.all(
    Array.from({ length: environmentsAtOnce }, async () => {
      for (let stat = unread.pop(); stat !== undefined; stat = unread.pop()) {
        const jobId = await jobNamedBy(stat.pid);
        const wasSeen = before?.processes.get(stat.pid)?.startTime === stat.startTime;
        processes.set(stat.pid, { ...stat, jobId, isSettled: jobId !== null || wasSeen });
      }
    }),
  );
  return { at, processes };
}

const statBuffer = Buffer.alloc(4096);

/** Not by way of the thread pool, which would cost ten times as much: the kernel has this at hand and waits for nothing. */
function readStat(pid: number): ProcessStat | null {
  let descriptor: number;
  try {
    descriptor = fs.openSync(`/proc/${pid}/stat`, 'r');
  } catch {
    return null;
  }
  try {
    return parseStat(pid, statBuffer.toString('latin1', 0, fs.readSync(descriptor, statBuffer)));
  } catch {
    return null;
  } finally {
    fs.closeSync(descriptor);
  }
}

const jobVariable = /\0FRANCA_JOB_ID=([^\0]*)\0/;

/** Reading an environment may have to wait for the process. null if there is none, or it is another user's. */
async function jobNamedBy(pid: number): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/environ`, 'latin1');
    return jobVariable.exec(`\0${text}\0`)?.[1] ?? null;
  } catch {
    return null;
  }
}
