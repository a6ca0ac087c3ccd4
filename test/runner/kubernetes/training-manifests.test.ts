import { describe, expect, it } from 'vitest';
import type { Framework, Role } from '../../../src/core/spec.js';
import { workloadManifest } from '../../../src/runner/kubernetes/manifests.js';
import type { PodSetting } from '../../../src/runner/kubernetes/pod-template.js';
import type { TrainingKind } from '../../../src/runner/kubernetes/workloads.js';
import { exec, planOf } from '../../conformance/runner/plans.js';
import { aRole } from '../../support/builders.js';
import { ownerOf, type PodSpec, settingOf } from './manifest-parts.js';
import { someSettings } from './settings.js';

describe('the object of the training operator of all roles', () => {
  interface Part {
    readonly replicas: number;
    readonly restartPolicy: string;
    readonly template: { readonly spec: PodSpec; readonly metadata: Record<string, unknown> };
  }

  function trainingOf(
    kind: TrainingKind,
    framework: Framework,
    roles: readonly Role[],
    setting: Partial<PodSetting> = {},
  ) {
    const plan = planOf({ framework, roles });
    const parts = roles.map((role) => ({
      role,
      jobs: plan.jobs.filter((job) => job.role === role.name),
    }));
    const manifest = workloadManifest(
      { namespace: 'team', kind, name: 'r-x-1' },
      parts,
      ownerOf(plan),
      settingOf(plan, setting),
    );
    const { runPolicy, ...specs } = manifest.spec;
    const [field = ''] = Object.keys(specs);
    return { manifest, plan, runPolicy, field, parts: specs[field] as Record<string, Part> };
  }

  const run = exec('train', '--master=$(MASTER_ADDR)');
  const worker = aRole({ name: 'Worker', replicas: 2, command: run });
  const [ps, master] = (['ps', 'master'] as const).map((kind) =>
    aRole({ name: kind === 'ps' ? 'Ps' : 'Master', kind, command: exec('lead') }),
  ) as [Role, Role];

  it('has a template for each, whose pods are started once and held as those of a Job', () => {
    const { manifest, plan, parts, field, runPolicy } = trainingOf('TFJob', 'tensorflow', [ps, worker]);
    expect(manifest).toMatchObject({
      apiVersion: 'kubeflow.org/v1',
      kind: 'TFJob',
      metadata: {
        name: 'r-x-1',
        namespace: 'team',
        annotations: { 'franca/jobs': JSON.stringify(plan.jobs.map(({ id }) => id)) },
      },
    });
    expect(manifest.metadata.labels).not.toHaveProperty('franca/role');
    expect(field).toBe('tfReplicaSpecs');
    expect(runPolicy).toEqual({ cleanPodPolicy: 'None' });
    expect(Object.keys(parts)).toEqual(['PS', 'Worker']);
    expect(parts.Worker).toMatchObject({ replicas: 2, restartPolicy: 'Never' });
    expect(parts.Worker?.template.metadata).toMatchObject({
      labels: { 'franca/run': plan.runId, 'franca/role': 'worker' },
      annotations: { 'kubectl.kubernetes.io/default-container': 'tensorflow' },
      finalizers: ['franca/capture'],
    });
    expect(parts.Worker?.template.spec).not.toHaveProperty('subdomain');
    expect(parts.Worker?.template.spec.containers[0]).toMatchObject({
      name: 'tensorflow',
      ports: [{ name: 'tfjob-port', containerPort: 2222 }],
    });
  });

  it.each<[TrainingKind, Framework, string, string, string]>([
    ['PyTorchJob', 'pytorch', 'pytorchReplicaSpecs', 'pytorch', 'pytorchjob-port'],
    ['XGBoostJob', 'xgboost', 'xgbReplicaSpecs', 'xgboost', 'xgboostjob-port'],
  ])('is written as a %s', (kind, framework, field, name, port) => {
    const made = trainingOf(kind, framework, [master, worker]);
    expect(made.field).toBe(field);
    expect(Object.keys(made.parts)).toEqual(['Master', 'Worker']);
    expect(made.parts.Master?.template.spec.containers[0]).toMatchObject({
      name,
      ports: [{ name: port, containerPort: 2222 }],
    });
  });

  it('leaves to the operator by what replicas find each other, but for words and what the spec names', () => {
    const named = { ...worker, env: [{ name: 'RANK', value: 'mine' }] };
    const { parts } = trainingOf('PyTorchJob', 'pytorch', [master, named]);
    for (const { template } of Object.values(parts)) {
      const [{ env }] = template.spec.containers;
      const names = env.map(({ name }) => name);
      for (const name of ['MASTER_ADDR', 'WORLD_SIZE', 'RANK']) expect(names).not.toContain(name);
    }
    const script = parts.Worker?.template.spec.containers[0].command?.at(-1);
    expect(script).toContain("--master=master-0.run.ns.svc'");
    expect(script).toContain("export RANK='mine'");
    expect(script).not.toContain('export WORLD_SIZE');
  });

  it('tells each pod its index under the name of a Job’s', () => {
    const shared = { outputs: 'o', inboxes: 'i', code: null };
    const settings = someSettings({ claim: 'franca' });
    const { parts } = trainingOf('TFJob', 'tensorflow', [ps, worker], { shared, settings });
    const main = parts.Worker?.template.spec.containers[0];
    expect(main?.env[0]).toEqual({
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['training.kubeflow.org/replica-index']" } },
    });
    expect(main?.command?.at(-1)).toContain('case "$$JOB_COMPLETION_INDEX" in');
    expect(main?.volumeMounts).toContainEqual({
      name: 'data',
      mountPath: '/franca/inbox',
      subPathExpr: 'i/worker/$(JOB_COMPLETION_INDEX)',
    });
  });

  it('has what the operator of Franca says', () => {
    const settings = someSettings({ deadlineSeconds: 60, ttlSeconds: 5, queue: 'team-queue' });
    const { manifest, runPolicy, parts } = trainingOf('TFJob', 'tensorflow', [ps, worker], { settings });
    expect(runPolicy).toEqual({ cleanPodPolicy: 'None', activeDeadlineSeconds: 60, suspend: true });
    expect(manifest.metadata.labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'team-queue' });
    expect(parts.PS?.template.spec).toMatchObject({ activeDeadlineSeconds: 60 });
  });
});
