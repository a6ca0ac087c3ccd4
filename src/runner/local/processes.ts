/**
 * Processes of this machine: who lives, and which belong to a job. Linux by /proc; macOS by `ps`, without
 * the environment. Supervisors load this module, so it needs nothing but Node.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';

/** A process for certain: pids are used again, but not with the same start time within one boot. */
export interface ProcessId {
  readonly pid: number;
  /** As the system tells it: ticks since boot on Linux, a date on macOS. */
  readonly startTime: string;
}

interface ProcessInfo extends ProcessId {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** What Linux tells of a process besides. */
export interface ProcessStat extends ProcessInfo {
  /** One letter; `Z` for one that only waits to be collected by its parent. */
  readonly state: string;
  /** Time in user and system mode, its own and that of the children that it has collected, in hundredths of a second. */
  readonly cpuTicks: number;
  readonly residentPages: number;
}

const isLinux = process.platform === 'linux';

/** What is different after each start of the machine. */
export function bootId(): string {
  if (isLinux) return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
}

/** The process that has this pid now; null if it is gone or only waits to be collected by its parent. */
export function identify(pid: number): ProcessId | null {
  const info = isLinux ? readProcess(pid) : (listByPs(['-p', String(pid)])[0] ?? null);
  return info === null ? null : { pid, startTime: info.startTime };
}

/** True while that very process lives. */
export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.startTime === id.startTime;
}

/**
 * The living processes of a job: those that carry its id in their environment, those in the group or session
 * of its leader, and what descends from any of these. Pass the leader only where its group cannot be
 * another's by now: while it lives, or just after its end.
 */
export function findJobProcesses(jobId: string, leader: ProcessId | null): ProcessId[] {
  const variable = `\0FRANCA_JOB_ID=${jobId}\0`;
  const all = (isLinux ? listProcesses() : listByPs(['-ax'])).filter(({ pid }) => pid !== process.pid);
  const isReused = all.some(({ pid, startTime }) => pid === leader?.pid && startTime !== leader.startTime);
  const led = leader === null || isReused ? null : leader.pid;
  const found = new Map<number, ProcessInfo>();
  for (const info of all) {
    if (info.group === led || info.session === led || environmentOf(info.pid).includes(variable)) {
      found.set(info.pid, info);
    }
  }
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const info of all) if (found.has(info.parent)) found.set(info.pid, info);
  }
  return [...found.values()].map(({ pid, startTime }) => ({ pid, startTime }));
}

/** Sends a signal; nothing happens if the process is gone. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): void {
  try {
    process.kill(id.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function listProcesses(): ProcessInfo[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((info) => info !== null);
}

function readProcess(pid: number): ProcessInfo | null {
  const info = parseStat(pid, readProc(`/proc/${pid}/stat`));
  return info === null || info.state === 'Z' || info.state === 'X' ? null : info;
}

/** The text of a process's `/proc/<pid>/stat`, as proc(5) describes it; null if it is not whole. */
export function parseStat(pid: number, stat: string): ProcessStat | null {
  // The name in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return null;
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
    cpuTicks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0),
    residentPages: Number(fields[21]),
  };
}

/** Each variable between NULs; empty if the process is gone or another user's. */
function environmentOf(pid: number): string {
  return isLinux ? `\0${readProc(`/proc/${pid}/environ`)}\0` : '';
}

function readProc(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function listByPs(which: readonly string[]): ProcessInfo[] {
  let text: string;
  try {
    text = execFileSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' });
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/\s+/);
    if (pid === undefined || pid === '' || state?.startsWith('Z')) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(group),
        startTime: start.join(' '),
      },
    ];
  });
}
