import { describe, expect, it } from 'vitest';
import type { JobKey } from '../../../src/core/ids.js';
import { aPlace, aRun, aSpec, newEvent, newJob, nobody } from './fixtures.js';
import type { Subject } from './suite.js';

/** Specs, attempts, jobs and status events. */
export function executionCases(subject: Subject): void {
  describe('specs', () => {
    it('gives back every revision exactly, and the wanted one of many runs', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project, { specRevision: 1 });
      const without = await aRun(store, project);
      const second = { ...aSpec, framework: null, code: null };
      await store.transaction(async (tx) => {
        await tx.specs.insert(run.key, 1, aSpec, 5);
        await tx.specs.insert(run.key, 2, second, 6);
      });
      expect(await store.read.specs.find(run.key, 1)).toEqual({ ...aSpec, revision: 1, createdAt: 5 });
      expect(await store.read.specs.find(run.key, 3)).toBeNull();
      expect((await store.read.specs.current([run.key, without.key])).get(run.key)?.revision).toBe(1);
      await store.transaction((tx) => tx.runs.update(run.key, { specRevision: 2 }, 7));
      const current = await store.read.specs.current([without.key, run.key]);
      expect([...current]).toEqual([[run.key, { ...second, revision: 2, createdAt: 6 }]]);
      expect(await store.read.specs.current([])).toEqual(new Map());
    });

    it('refuses a revision that is there', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      await store.transaction((tx) => tx.specs.insert(run.key, 1, aSpec, 5));
      await expect(store.transaction((tx) => tx.specs.insert(run.key, 1, aSpec, 6))).rejects.toMatchObject({
        code: 'already_exists',
      });
    });
  });

  describe('attempts', () => {
    it('stands in line in the order of insertion and keeps what the runner was given', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [one, two] = [await aRun(store, project), await aRun(store, project)];
      const first = await store.transaction((tx) =>
        tx.attempts.insert({ runKey: two.key, number: 1, reason: 'first', createdAt: 1 }),
      );
      const second = await store.transaction((tx) =>
        tx.attempts.insert({ runKey: one.key, number: 1, reason: 'first', createdAt: 1 }),
      );
      const third = await store.transaction((tx) =>
        tx.attempts.insert({ runKey: two.key, number: 2, reason: 'retry', createdAt: 2 }),
      );
      expect(first.position).toBeLessThan(second.position);
      expect(second.position).toBeLessThan(third.position);
      expect(first).toMatchObject({ submittedRevision: null, admitted: false });
      await store.transaction(async (tx) => {
        await tx.attempts.update(two.key, 1, { admitted: true });
        await tx.attempts.update(two.key, 1, { submittedRevision: 4 });
      });
      expect(await store.read.attempts.find(two.key, 1)).toEqual({
        ...first,
        admitted: true,
        submittedRevision: 4,
      });
      expect((await store.read.attempts.list(two.key)).map((attempt) => attempt.number)).toEqual([1, 2]);
      expect(await store.read.attempts.find(one.key, 2)).toBeNull();
      await expect(store.transaction((tx) => tx.attempts.update(one.key, 2, {}))).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  describe('jobs', () => {
    it('numbers on from the last, and changes what a patch names', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [run, other] = [await aRun(store, project), await aRun(store, project)];
      const inputs = [newJob(), newJob({ role: 'Ps', index: 3 }), newJob({ attempt: 2 })];
      const made = await store.transaction(async (tx) => [
        ...(await tx.jobs.insert(run.key, inputs.slice(0, 2))),
        ...(await tx.jobs.insert(other.key, [newJob()])),
        ...(await tx.jobs.insert(run.key, inputs.slice(2))),
      ]);
      const [first, second, foreign, third] = made;
      expect(made.map((job) => job.number)).toEqual([1, 2, 1, 3]);
      expect(second).toMatchObject({
        ...inputs[1],
        runKey: run.key,
        retired: false,
        exitCode: null,
        node: null,
      });
      const patch = {
        status: 'failed',
        reason: 'signal',
        message: 'm',
        exitCode: 137,
        signal: 'SIGKILL',
        node: 'n1',
        retired: true,
        startedAt: 3,
        finishedAt: 4,
      } as const;
      await store.transaction((tx) => tx.jobs.update(first?.key as JobKey, patch, 50));
      const jobs = await store.read.jobs.list([other.key, run.key]);
      expect(jobs).toEqual([{ ...first, ...patch, updatedAt: 50 }, second, third, foreign]);
      expect(await store.read.jobs.findByNumber(run.key, 3)).toEqual(third);
      expect(await store.read.jobs.findByNumber(run.key, 4)).toBeNull();
      await expect(store.transaction((tx) => tx.jobs.update(-1 as JobKey, patch, 50))).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(store.transaction((tx) => tx.jobs.insert(nobody.run, [newJob()]))).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  describe('what jobs leave', () => {
    it('is taken in up to a place of each source, which goes with the run', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const [one, two] = await store.transaction((tx) => tx.jobs.insert(run.key, [newJob(), newJob()]));
      if (one === undefined || two === undefined) throw new Error('two jobs were inserted');
      await store.transaction(async (tx) => {
        await tx.intakes.setPlace(one.key, 'a', 5);
        await tx.intakes.setPlace(one.key, 'b', Number.MAX_SAFE_INTEGER);
        await tx.intakes.setPlace(two.key, 'a', 7);
        await tx.intakes.setPlace(one.key, 'a', 6);
      });
      const places = () => Promise.all([one, two].map(({ key }) => store.read.intakes.places(key)));
      expect(await places()).toEqual([
        new Map([
          ['a', 6],
          ['b', Number.MAX_SAFE_INTEGER],
        ]),
        new Map([['a', 7]]),
      ]);
      await store.transaction((tx) => tx.runs.remove(run.key));
      expect(await places()).toEqual([new Map(), new Map()]);
    });
  });

  describe('status events', () => {
    it('come back in the order of arrival, of runs alone or of their jobs too', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [one, two] = [await aRun(store, project), await aRun(store, project)];
      const events = await store.transaction(async (tx) => {
        const [job] = await tx.jobs.insert(one.key, [newJob()]);
        const full = {
          reason: 'upstream',
          message: 'm',
          traceback: 't',
          details: { node: 'n1', list: [1, null] },
          effective: false,
          origin: 'client',
        } as const;
        return [
          await tx.statuses.append(newEvent(two.key, { at: 50 })),
          await tx.statuses.append(newEvent(one.key, { at: 40, ...full })),
          await tx.statuses.append(newEvent(one.key, { jobKey: job?.key ?? null, at: 30 })),
          await tx.statuses.append(newEvent(one.key, { at: 20 })),
        ];
      });
      const [ofTwo, first, ofJob, last] = events;
      expect(events.map((event) => event.seq)).toEqual(
        events.map((event) => event.seq).sort((a, b) => a - b),
      );
      expect(await store.read.statuses.list([two.key, one.key], { jobs: false })).toEqual([
        first,
        last,
        ofTwo,
      ]);
      expect(await store.read.statuses.list([one.key], { jobs: true })).toEqual([first, ofJob, last]);
      expect(await store.read.statuses.list([], { jobs: true })).toEqual([]);
    });

    it('come in parts, by status, with their number in the history', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const names = ['created', 'queued', 'running', 'queued', 'running', 'succeeded'] as const;
      const [job] = await store.transaction((tx) => tx.jobs.insert(run.key, [newJob()]));
      if (job === undefined) throw new Error('one job was inserted');
      const events = await store.transaction(async (tx) => {
        const made = [];
        for (const status of names) {
          made.push(await tx.statuses.append(newEvent(run.key, { status })));
          if (status === 'running') await tx.statuses.append(newEvent(run.key, { status, jobKey: job.key }));
        }
        return made;
      });
      const ofRun = { runKey: run.key, jobKey: null };
      const { statuses } = store.read;
      expect(await statuses.page({ ...ofRun, offset: 0, limit: 100 })).toEqual({ events, total: 6 });
      expect(await statuses.page({ ...ofRun, offset: 4, limit: 1 })).toEqual({
        events: [events[4]],
        total: 6,
      });
      const shown = { ...ofRun, statuses: ['created', 'running', 'succeeded'] } as const;
      expect(await statuses.page({ ...shown, offset: 1, limit: 2 })).toEqual({
        events: [events[2], events[4]],
        total: 4,
      });
      const through = events[4]?.seq ?? 0;
      expect(await statuses.count({ ...shown, through })).toBe(3);
      expect(await statuses.count({ ...ofRun, statuses: [] })).toBe(0);
      const ofJob = { runKey: run.key, jobKey: job.key };
      expect((await statuses.page({ ...ofJob, offset: 0, limit: 100 })).total).toBe(2);
      expect(await statuses.count({ ...ofJob, through: events[2]?.seq ?? 0 })).toBe(0);
    });

    it('refuses an event of a run that is gone', async () => {
      await expect(
        subject.store.transaction((tx) => tx.statuses.append(newEvent(nobody.run))),
      ).rejects.toMatchObject({ code: 'conflict' });
    });
  });
}
