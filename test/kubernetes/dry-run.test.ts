import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeRoot } from '../../src/core/artifact-path.js';
import type { Role } from '../../src/core/spec.js';
import { jobManifest, type Manifest, serviceManifest } from '../../src/runner/kubernetes/manifests.js';
import { jobName, serviceName } from '../../src/runner/kubernetes/names.js';
import type { KubernetesSettings } from '../../src/runner/kubernetes/settings.js';
import { exec, planOf } from '../conformance/runner/plans.js';
import { someSettings } from '../runner/kubernetes/settings.js';
import { aRole } from '../support/builders.js';
import { createSpace, type Space } from './support.js';

describe('the API server takes', () => {
  let space: Space;
  beforeAll(async () => {
    space = await createSpace();
  });
  afterAll(() => space?.remove());

  /** What the server makes of an object, refusing fields that it does not know. */
  function dryRun(manifest: Manifest): Promise<Record<string, Record<string, unknown>>> {
    const collection = manifest.kind === 'Job' ? '/apis/batch/v1' : '/api/v1';
    return space.cluster.request({
      method: 'POST',
      path: `${collection}/namespaces/${space.name}/${manifest.kind.toLowerCase()}s`,
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: manifest,
    });
  }

  it.each<[string, Partial<Role>, Partial<KubernetesSettings>]>([
    ['a Job of one replica', {}, {}],
    ['a Job of many', { replicas: 200 }, {}],
    ['a setup', { setup: 'pip install x' }, {}],
    ['a name of 18 other characters', { name: 'Äüß Ω_'.repeat(3) }, {}],
    ['odd variables', { env: [{ name: 'a.b-c', value: '$(X) €\n' }] }, {}],
    ['devices', { resources: { requests: { cpu: '1' }, limits: { cpu: '2', 'nvidia.com/gpu': '1' } } }, {}],
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
    [
      'all that the operator may say',
      {},
      {
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
      },
    ],
  ])('%s', async (_, fields, settings) => {
    const role = aRole({ command: exec('true'), ...fields });
    const plan = { ...planOf({ framework: 'tensorflow', roles: [role] }), code: codeRootOf(settings) };
    const owner = { instance: 'i', runId: plan.runId, attempt: 1, namespace: space.name };
    const subdomain = serviceName(plan.runId, 1);
    const manifest = jobManifest(jobName(plan.runId, 1, role.name, null), { role, jobs: plan.jobs }, owner, {
      plan,
      settings: someSettings(settings),
      addressOf: (name, index) => ({ host: `${name}-${index}.${subdomain}`, port: 2222 }),
      subdomain,
      graceSeconds: 10,
      shared: settings.claim === undefined ? null : { outputs: 'a/b', inboxes: 'c/d', code: 'e/f' },
    });
    const taken = await dryRun(manifest);
    expect(taken.spec).toMatchObject({ completions: role.replicas, completionMode: 'Indexed' });
    const service = await dryRun(serviceManifest(subdomain, owner, []));
    expect(service.spec).toMatchObject({ clusterIP: 'None' });
  });
});

function codeRootOf({ claim }: Partial<KubernetesSettings>): ReturnType<typeof codeRoot> | null {
  return claim === undefined ? null : codeRoot('01890000-0000-7000-8000-000000000009');
}
