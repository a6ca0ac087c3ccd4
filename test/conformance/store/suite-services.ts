import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { runRoot } from '../../../src/core/artifact-path.js';
import type { JobId, ServiceId, ServiceKey } from '../../../src/core/ids.js';
import type { Run } from '../../../src/core/model.js';
import type { NewService } from '../../../src/core/ports/index.js';
import { codeOf } from '../../support/code-of.js';
import { aPlace, aProject, aRun, nobody, now } from './fixtures.js';
import type { Subject } from './suite.js';

/** A run, or with a null key a whole project. */
interface Shown {
  readonly projectKey: Run['projectKey'];
  readonly key: Run['key'] | null;
}

function newService({ projectKey, key }: Shown, fields: Partial<NewService> = {}): NewService {
  return {
    id: v7() as ServiceId,
    projectKey,
    runKey: key,
    kind: 'tensorboard',
    jobId: v7() as JobId,
    pathPrefix: '/tensorboard/a/b',
    spec: { image: 'tb:1', resources: { cpu: [1] } },
    createdBy: { key: null, name: 'somebody' },
    createdAt: now(),
    ...fields,
  };
}

/** Programs that run beside runs. */
export function serviceCases(subject: Subject): void {
  describe('services', () => {
    it('are kept as they were asked for, found by what they show, and changed', async () => {
      const { store } = subject;
      const { project, user } = await aPlace(store);
      const run = await aRun(store, project);
      const input = newService(run, { createdBy: { key: user.key, name: user.name } });
      const made = await store.transaction((tx) => tx.services.insert(input));
      const started = { desiredState: 'running', status: 'created', reason: null, message: null, port: null };
      expect(made).toEqual({ ...input, ...started, key: made.key, updatedAt: input.createdAt });
      const whole = newService({ projectKey: project.key, key: null }, { spec: null });
      const ofProject = await store.transaction((tx) => tx.services.insert(whole));

      const { services } = store.read;
      expect(await services.find(made, 'tensorboard')).toEqual(made);
      expect(await services.find({ projectKey: project.key, runKey: null }, 'tensorboard')).toEqual(
        ofProject,
      );
      expect([await services.findByKey(made.key), await services.findById(made.id)]).toEqual([made, made]);
      expect(await services.keys()).toEqual(expect.arrayContaining([made.key, ofProject.key]));
      expect(await services.keysOfRun(run.key)).toEqual([made.key]);
      expect(await services.keysOfProject(project.key)).toEqual([made.key, ofProject.key]);
      expect(await services.wanted(project.key, 'tensorboard')).toEqual([ofProject, made]);

      const patch = { status: 'failed', reason: 'exit_nonzero', message: 'no', port: 20_000 } as const;
      const at = now();
      const changed = await store.transaction(async (tx) => {
        await tx.services.lock(made.key);
        return tx.services.update(made.key, patch, at);
      });
      expect(changed).toEqual({ ...made, ...patch, updatedAt: at });
      expect(await services.findByKey(made.key)).toEqual(changed);

      await store.transaction(async (tx) => {
        for (const { key } of [made, ofProject]) await tx.services.remove(key);
      });
      expect(await services.find(made, 'tensorboard')).toBeNull();
      expect(await services.keysOfProject(project.key)).toEqual([]);
    });

    it('are one of a kind for each run and each project', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      for (const shown of [run, { projectKey: project.key, key: null }]) {
        const insert = () => store.transaction((tx) => tx.services.insert(newService(shown)));
        const made = await insert();
        expect(await codeOf(insert())).toBe('already_exists');
        await store.transaction((tx) => tx.services.remove(made.key));
      }
      const missing = store.transaction((tx) => tx.services.update(0 as ServiceKey, { port: 1 }, now()));
      expect(await codeOf(missing)).toBe('not_found');
      const none = { projectKey: nobody.project, runKey: nobody.run };
      expect(await store.read.services.find(none, 'tensorboard')).toBeNull();
    });

    it('are counted while they may have a process, and told of many runs and projects at once', async () => {
      const { store } = subject;
      const [{ project }, other] = [await aPlace(store), await aPlace(store)];
      const runs = [await aRun(store, project), await aRun(store, project), await aRun(store, project)];
      const before = await store.read.services.countLive();
      const made = await store.transaction(async (tx) => {
        const inserted = [];
        for (const run of runs) inserted.push(await tx.services.insert(newService(run)));
        inserted.push(await tx.services.insert(newService({ projectKey: project.key, key: null })));
        return inserted;
      });
      const [up, failed, stopping] = made;
      if (up === undefined || failed === undefined || stopping === undefined) throw new Error('three runs');
      const counted = await store.transaction(async (tx) => {
        await tx.services.update(failed.key, { status: 'failed' }, now());
        await tx.services.update(stopping.key, { status: 'stopping', desiredState: 'stopped' }, now());
        return tx.services.countLive();
      });
      expect(counted).toBe(before + 3);
      const kinds = new Set(['tensorboard']);
      expect(await store.read.services.upOfRuns(runs.map(({ key }) => key))).toEqual(
        new Map([[up.runKey, kinds]]),
      );
      expect(await store.read.services.upOfProjects([project.key, other.project.key])).toEqual(
        new Map([[project.key, kinds]]),
      );
      expect(await store.read.services.upOfRuns([])).toEqual(new Map());
      await store.transaction(async (tx) => {
        for (const { key } of made) await tx.services.remove(key);
      });
    });

    it('are counted by one transaction at a time', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const runs = [];
      for (let index = 0; index < 6; index += 1) runs.push(await aRun(store, project));
      const limit = (await store.read.services.countLive()) + 2;
      const results = await Promise.all(
        runs.map((run) =>
          store.transaction(async (tx) => {
            if ((await tx.services.countLive()) >= limit) return null;
            return (await tx.services.insert(newService(run))).key;
          }),
        ),
      );
      const keys = results.filter((key) => key !== null);
      expect(keys).toHaveLength(2);
      await store.transaction(async (tx) => {
        for (const key of keys) await tx.services.remove(key);
      });
    });

    it('keep their run, and a project that was deleted for good, until they are gone', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      const project = await store.transaction((tx) => aProject(tx, workspace.key, 'Short'));
      const run = await aRun(store, project);
      const [ofRun, ofProject] = await store.transaction(async (tx) => [
        await tx.services.insert(newService(run)),
        await tx.services.insert(newService({ projectKey: project.key, key: null })),
      ]);
      if (ofRun === undefined || ofProject === undefined) throw new Error('two services');
      await expect(store.transaction((tx) => tx.runs.remove(run.key))).rejects.toThrow();
      expect(await store.read.runs.findByKey(run.key)).toEqual(run);
      await store.transaction(async (tx) => {
        await tx.services.remove(ofRun.key);
        await tx.runs.remove(run.key);
        await tx.projects.update(project.key, { deletedAt: 1, purgeAt: 1 }, now());
        await tx.projects.removeIfEmpty(project.key);
      });
      expect(await store.read.projects.find(project.key)).not.toBeNull();
      await store.transaction(async (tx) => {
        await tx.services.remove(ofProject.key);
        await tx.projects.removeIfEmpty(project.key);
      });
      expect(await store.read.projects.find(project.key)).toBeNull();
    });

    it('show the runs of a project by their numbers, without deleted ones', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const first = await aRun(store, project, { name: 'one' });
      const resumed = await aRun(store, project, { name: null, artifactRoot: first.id });
      const deleted = await aRun(store, project);
      const last = await aRun(store, project, { name: 'four' });
      await store.transaction((tx) => tx.runs.update(deleted.key, { deletedAt: 1 }, 1));
      const shown = ({ number, name, artifactRoot }: Run) => ({ number, name, root: runRoot(artifactRoot) });
      const { services } = store.read;
      expect(await services.shownRuns(project.key, 0, 2)).toEqual([shown(first), shown(resumed)]);
      expect(await services.shownRuns(project.key, resumed.number, 2)).toEqual([shown(last)]);
      expect(await services.shownRuns(project.key, last.number, 2)).toEqual([]);
    });
  });
}
