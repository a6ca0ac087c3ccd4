import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeRoot } from '../../src/core/artifact-path.js';
import type { RunId } from '../../src/core/ids.js';
import type { Role } from '../../src/core/spec.js';
import { type Manifest, serviceManifest, workloadManifest } from '../../src/runner/kubernetes/manifests.js';
import { attemptName, jobName } from '../../src/runner/kubernetes/names.js';
import type { KubernetesSettings } from '../../src/runner/kubernetes/settings.js';
import {
  collectionOf,
  trainingKinds,
  trainingRules,
  type WorkloadRef,
} from '../../src/runner/kubernetes/workloads.js';
import { exec, planOf } from '../conformance/runner/plans.js';
import { someSettings } from '../runner/kubernetes/settings.js';
import { aRole } from '../support/builders.js';
import { createSpace, type Space, servedKinds } from './space.js';

const served = await servedKinds();

describe('the API server takes', () => {
  let space: Space;
  beforeAll(async () => {
    space = await createSpace();
  });
  afterAll(() => space?.remove());

  /** What the server makes of an object, refusing fields that it does not know. */
  function dryRun(manifest: Manifest): Promise<Record<string, Record<string, unknown>>> {
    const { kind } = manifest;
    return space.cluster.request({
      method: 'POST',
      path: kind === 'Service' ? `/api/v1/namespaces/${space.name}/services` : collectionOf(kind, space.name),
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: manifest,
    });
  }

  /** What Franca makes of roles in an object of a kind. */
  function manifestOf(
    ref: WorkloadRef,
    roles: readonly Role[],
    settings: Partial<KubernetesSettings>,
  ): Manifest {
    const framework = ref.kind === 'Job' ? 'tensorflow' : trainingRules[ref.kind].framework;
    const plan = { ...planOf({ framework, roles, runId }), code: codeRootOf(settings) };
    const parts = roles.map((role) => ({ role, jobs: plan.jobs.filter((job) => job.role === role.name) }));
    const subdomain = attemptName(plan.runId, 1);
    return workloadManifest(ref, parts, ownerOf(plan.runId), {
      plan,
      settings: someSettings(settings),
      addressOf: (name, index) => ({ host: `${name}-${index}.${subdomain}`, port: 2222 }),
      subdomain,
      graceSeconds: 10,
      shared: settings.claim === undefined ? null : { outputs: 'a/b', inboxes: 'c/d', code: 'e/f' },
    });
  }

  const ownerOf = (runId: RunId) => ({ instance: 'i', runId, attempt: 1, namespace: space.name });
  const runId = uuid() as RunId;
  const everything: Partial<KubernetesSettings> = {
    gitImage: 'git',
    imagePullPolicy: 'Always',
    imagePullSecrets: ['a'],
    serviceAccount: 'default',
    nodeSelector: { 'a.b/c': 'd' },
    tolerations: [{ key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute' }],
    claim: 'data',
    defaultResources: { cpu: '1' },
    maxResources: { memory: '1Gi' },
    deadlineSeconds: 60,
    ttlSeconds: 0,
    queue: 'q',
  };
  const devices = { requests: { cpu: '1' }, limits: { cpu: '2', 'nvidia.com/gpu': '1' } };

  it.each<[string, Partial<Role>, Partial<KubernetesSettings>]>([
    ['a Job of one replica', {}, {}],
    ['a Job of many', { replicas: 200 }, {}],
    ['a setup', { setup: 'pip install x' }, {}],
    ['a name of 18 other characters', { name: 'Äüß Ω_'.repeat(3) }, {}],
    ['odd variables', { env: [{ name: 'a.b-c', value: '$(X) €\n' }] }, {}],
    ['devices', { resources: devices }, {}],
    [
      'all that a run may say of nodes',
      {
        placement: {
          nodeSelector: { 'a.b/c': 'd', e: '' },
          tolerations: [
            { operator: 'Exists' },
            { key: 'a', operator: 'Equal' },
            { key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 0 },
          ],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
              },
            },
            podAntiAffinity: null,
          },
        },
      },
      { runTolerations: ['*'] },
    ],
    ['all that the operator may say', {}, everything],
  ])('%s', async (_, fields, settings) => {
    const role = aRole({ command: exec('true'), ...fields });
    const { name: namespace } = space;
    const ref = { namespace, kind: 'Job', name: jobName(runId, 1, role.name, null) } as const;
    const taken = await dryRun(manifestOf(ref, [role], settings));
    expect(taken.spec).toMatchObject({ completions: role.replicas, completionMode: 'Indexed' });
    const service = await dryRun(serviceManifest(attemptName(runId, 1), ownerOf(runId), []));
    expect(service.spec).toMatchObject({ clusterIP: 'None' });
  });

  describe.each(trainingKinds)('%s', (kind) => {
    it.skipIf(!served.has(kind)).each<[string, Partial<Role>, Partial<KubernetesSettings>]>([
      ['of a master and workers', {}, {}],
      ['with all that a role may say', { replicas: 200, setup: 'pip install x', resources: devices }, {}],
      ['with all that the operator may say', {}, everything],
    ])('%s', async (_, fields, settings) => {
      const roles = [
        aRole({ name: 'Master', kind: 'master', command: exec('true') }),
        aRole({ name: 'Worker', command: exec('true'), ...fields }),
      ];
      const manifest = manifestOf(
        { namespace: space.name, kind, name: attemptName(runId, 1) },
        roles,
        settings,
      );
      const taken = await dryRun(manifest);
      expect(taken.spec).toMatchObject(manifest.spec);
    });
  });
});

function codeRootOf({ claim }: Partial<KubernetesSettings>): ReturnType<typeof codeRoot> | null {
  return claim === undefined ? null : codeRoot('01890000-0000-7000-8000-000000000009');
}
