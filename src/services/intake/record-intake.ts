import { join } from 'node:path';
import type { JobId } from '../../core/ids.js';
import type { Ports } from '../context.js';
import { type JobInbox, type RecordDatabase, takeIn } from './take-in.js';

/**
 * Takes in what is new in the database of each job that it is asked for. While a job runs, a file that is as it was
 * is not read again.
 */
export function createRecordIntake(
  ports: Ports,
  database: RecordDatabase,
): (inbox: JobInbox) => Promise<void> {
  const seen = new Map<JobId, string | null>();
  return async (inbox) => {
    const { job, folder, ended } = inbox;
    const stamp = await ports.jobDatabases.stamp(join(folder, database.file));
    if (!ended && (stamp === null || stamp === seen.get(job.id))) return;
    await takeIn(ports, inbox, database);
    if (ended) seen.delete(job.id);
    else seen.set(job.id, stamp);
  };
}
