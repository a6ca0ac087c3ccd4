import * as fs from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import type { JobId } from '../../core/ids.js';
import type { ComputeNode, JobMeter, JobUsage } from '../../core/ports/meter.js';
import { layoutOf } from './layout.js';
import {
  createProcessTable,
  type ProcessLook,
  type ProcessLooks,
  type SeenProcess,
} from './process-table.js';
import type { ProcessId } from './processes.js';
import { readState } from './state-file.js';

/**
 * Measures the jobs of the local runner with this folder by `/proc`: all processes that carry a job's id in their
 * environment, those in the session or group of its main process, and what descends from any of these. Elsewhere
 * than on Linux nothing is measured.
 */
export function createLocalJobMeter(folder: string): JobMeter {
  const nodes = async () => [thisMachine()];
  if (process.platform !== 'linux') return { nodes, usageOf: async () => [] };
  const table = createProcessTable();
  const pageBytes = pageSize();
  const leaderOf = createLeaders(layoutOf(folder).states);
  return {
    nodes,
    async usageOf(_runId, jobIds) {
      if (jobIds.length === 0) return [];
      const looks = await table.looks();
      const leaders = jobIds.map((jobId): Leader => ({ jobId, process: leaderOf(jobId, looks.now) }));
      const used = measure(looks, leaders);
      const node = thisMachine();
      const seconds = (looks.now.at - looks.before.at) / 1000;
      return jobIds.flatMap((jobId): JobUsage[] => {
        const use = used.get(jobId);
        if (use === undefined) return [];
        // A tick is a hundredth of a second: so many a second are so many percent.
        const cpuPercent = Math.min(Math.max(0, use.ticks / seconds), node.cores * 100);
        return [{ jobId, node, cpuPercent, memoryBytes: use.pages * pageBytes }];
      });
    },
  };
}

interface Leader {
  readonly jobId: JobId;
  readonly process: ProcessId | null;
}

interface Use {
  ticks: number;
  pages: number;
}

/**
 * What those jobs use that have a living process. Their time is what their processes have taken since the look
 * before. A process that is gone has left its whole time to the parent that collected it, so what was counted of
 * it already is taken off again, unless its parent is none of the job's.
 */
function measure({ before, now }: ProcessLooks, leaders: readonly Leader[]): Map<string, Use> {
  const owners = ownersIn(now, leaders);
  const formerOwners = ownersIn(before, leaders);
  const used = new Map<string, Use>();
  for (const one of now.processes.values()) {
    const owner = owners.get(one.pid) ?? null;
    if (owner === null || isDead(one)) continue;
    used.set(owner, { ticks: 0, pages: 0 });
  }
  for (const one of now.processes.values()) {
    const use = used.get(owners.get(one.pid) ?? '');
    if (use === undefined) continue;
    const former = before.processes.get(one.pid);
    use.ticks += one.cpuTicks - (isSame(one, former) ? former.cpuTicks : 0);
    use.pages += one.residentPages;
  }
  for (const former of before.processes.values()) {
    const owner = formerOwners.get(former.pid) ?? '';
    const use = used.get(owner);
    if (use === undefined || isSame(former, now.processes.get(former.pid))) continue;
    if (formerOwners.get(former.parent) === owner) use.ticks -= former.cpuTicks;
  }
  return used;
}

/** The job of every process, or null. */
function ownersIn(
  { processes }: ProcessLook,
  leaders: readonly Leader[],
): ReadonlyMap<number, string | null> {
  const led = new Map<number, string>();
  for (const { jobId, process: leader } of leaders) {
    if (leader === null) continue;
    const holder = processes.get(leader.pid);
    // A group keeps its number while it has members; one whose number another process has is another group.
    if (holder === undefined || holder.startTime === leader.startTime) led.set(leader.pid, jobId);
  }
  const owners = new Map<number, string | null>();
  for (const start of processes.values()) {
    const path: number[] = [];
    let owner: string | null = null;
    for (let one: SeenProcess | undefined = start; one !== undefined; one = processes.get(one.parent)) {
      const known = owners.get(one.pid);
      owner = known ?? one.jobId ?? led.get(one.session) ?? led.get(one.group) ?? null;
      if (owner !== null || known !== undefined) break;
      path.push(one.pid);
      // Numbers that were used again could make a circle.
      owners.set(one.pid, null);
    }
    for (const pid of [start.pid, ...path]) owners.set(pid, owner);
  }
  return owners;
}

function isSame(one: SeenProcess, other: SeenProcess | undefined): other is SeenProcess {
  return one.startTime === other?.startTime;
}

function isDead({ state }: SeenProcess): boolean {
  return state === 'Z' || state === 'X';
}

/** Finds the main processes of jobs; what is known of one is kept while it lives. */
function createLeaders(states: string): (jobId: JobId, look: ProcessLook) => ProcessId | null {
  const known = new Map<JobId, ProcessId>();
  let checked: ProcessLook | null = null;

  function forgetDead(look: ProcessLook): void {
    if (look === checked) return;
    checked = look;
    for (const [jobId, { pid, startTime }] of known) {
      if (look.processes.get(pid)?.startTime !== startTime) known.delete(jobId);
    }
  }

  return (jobId, look) => {
    forgetDead(look);
    const kept = known.get(jobId);
    if (kept !== undefined) return kept;
    const state = readState(join(states, jobId));
    if (typeof state === 'string' || state.process === null || state.end !== null) return null;
    known.set(jobId, state.process);
    return state.process;
  };
}

/** What the server may use of its machine, for its jobs may use no more. */
function thisMachine(): ComputeNode {
  // 0, or more than the machine has, where nothing bounds it.
  const constrained = process.constrainedMemory();
  const total = totalmem();
  const memoryBytes = constrained > 0 ? Math.min(constrained, total) : total;
  return { name: hostname(), cores: availableParallelism(), memoryBytes };
}

const usualPageBytes = 4096;

function pageSize(): number {
  const start = Buffer.alloc(1024);
  try {
    const descriptor = fs.openSync('/proc/self/smaps', 'r');
    try {
      const text = start.toString('latin1', 0, fs.readSync(descriptor, start));
      const kilobytes = Number(/^KernelPageSize:\s*(\d+) kB$/m.exec(text)?.[1] ?? 0);
      return kilobytes * 1024 || usualPageBytes;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return usualPageBytes;
  }
}
