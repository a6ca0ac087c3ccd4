import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { JobId } from '../../core/ids.js';

/** Below the ports that systems give to outgoing connections, so that none of these takes one before its job does. */
const lowest = 20_000;
const highest = 32_767;
const tries = 200;

/** Which ports of 127.0.0.1 belong to jobs, so that no two living jobs have the same. */
export interface PortBook {
  /** Takes a port for a job: one that no other job has and that nobody listens on. */
  take(jobId: JobId): Promise<number>;
  /** Notes a port that a job already has. */
  hold(jobId: JobId, port: number): void;
  /** Frees the port of a job, if it has one. */
  release(jobId: JobId): void;
}

/** An empty book. */
export function createPortBook(): PortBook {
  const held = new Map<JobId, number>();
  const taken = new Set<number>();
  return {
    async take(jobId) {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const port = randomInt(lowest, highest + 1);
        if (taken.has(port)) continue;
        taken.add(port);
        held.set(jobId, port);
        if (await isFree(port)) return port;
        taken.delete(port);
      }
      throw new Error('no free port was found');
    },
    hold(jobId, port) {
      held.set(jobId, port);
      taken.add(port);
    },
    release(jobId) {
      const port = held.get(jobId);
      if (port !== undefined) taken.delete(port);
      held.delete(jobId);
    },
  };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
