import type { Job, Run, StatusEvent } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { isTerminal } from '../../core/status.js';
import type { LogScope } from './merge.js';

/** How it stands with a run, or with the one job of it that is followed. */
export interface FollowedHistory {
  /** Reads on, and gives everybody who may print: jobs, and null for the run's own client. */
  look(): Promise<readonly (Job | null)[]>;
  /** True once it has ended or is deleted; never false again. */
  readonly isOver: boolean;
  /** Statuses that were not given yet, but for those that end it; at first the current one alone. */
  take(): readonly StatusEvent[];
  /** The status that ended it; none if it was deleted before it ended. */
  readonly end: StatusEvent | null;
}

/** The history of this run; nothing is read before the first look. */
export function createFollowedHistory(read: Repositories, run: Run, { jobId }: LogScope): FollowedHistory {
  let isOver = false;
  let after = -1;
  let fresh: StatusEvent[] = [];
  let end: StatusEvent | null = null;

  async function lookAtEvents(followed: Job | null): Promise<void> {
    const all = await read.statuses.list([run.key], { jobs: followed !== null });
    const jobKey = followed?.key ?? null;
    const events = all.filter((event) => event.effective && event.jobKey === jobKey);
    const news = after === -1 ? events.slice(-1) : events.filter((event) => event.seq > after);
    after = events.at(-1)?.seq ?? after;
    end = events.findLast((event) => isTerminal(event.status)) ?? null;
    fresh.push(...news.filter((event) => !isTerminal(event.status)));
  }

  return {
    async look() {
      const now = await read.runs.findByKey(run.key);
      if (now === null || now.deletedAt !== null) {
        isOver = true;
        return [];
      }
      const jobs = await read.jobs.list([run.key]);
      const followed = jobs.find(({ id }) => id === jobId) ?? null;
      isOver ||= isTerminal(followed?.status ?? now.status) || isTerminal(now.status);
      await lookAtEvents(followed);
      return followed === null ? [null, ...jobs] : [followed];
    },
    get isOver() {
      return isOver;
    },
    take() {
      const taken = fresh;
      fresh = [];
      return taken;
    },
    get end() {
      return end;
    },
  };
}
