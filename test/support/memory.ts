import { existsSync, readFileSync } from 'node:fs';

/** The resident size of a process now, in MB. */
export function residentMegabytes(pid: number): number {
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(resident ?? 0) / 1024;
}

/**
 * Looks at a process's memory each 100 ms, for as long as it lives; the function it gives ends that and tells the
 * highest resident size in MB.
 */
export function watchMemory(pid: number): () => number {
  let highest = residentMegabytes(pid);
  const timer = setInterval(() => {
    if (existsSync(`/proc/${pid}`)) highest = Math.max(highest, residentMegabytes(pid));
    else clearInterval(timer);
  }, 100);
  return () => {
    clearInterval(timer);
    return Math.max(highest, residentMegabytes(pid));
  };
}
