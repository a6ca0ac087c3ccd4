import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { codeRoot } from '../../../src/core/artifact-path.js';
import { type JobPlan, Rejected } from '../../../src/core/ports/runner.js';
import type { Role } from '../../../src/core/spec.js';
import { type Owner, serviceManifest, workloadManifest } from '../../../src/runner/kubernetes/manifests.js';
import type { PodSetting } from '../../../src/runner/kubernetes/pod-template.js';
import { exec, planOf, shell } from '../../conformance/runner/plans.js';
import { aRole, aSpec } from '../../support/builders.js';
import { type Container, ownerOf, type PodSpec, settingOf } from './manifest-parts.js';
import { someSettings } from './settings.js';

function manifestOf(
  roles: readonly Role[],
  setting: Partial<PodSetting> = {},
  fields: Partial<JobPlan> = {},
) {
  const plan = planOf({ roles });
  const [role] = roles;
  if (role === undefined) throw new Error('no role');
  const jobs = plan.jobs.filter((job) => job.role === role.name).map((job) => ({ ...job, ...fields }));
  const ref = { namespace: 'team', kind: 'Job', name: 'r-x-1-worker' } as const;
  const manifest = workloadManifest(ref, [{ role, jobs }], ownerOf(plan), settingOf(plan, setting));
  const template = manifest.spec.template as { spec: PodSpec; metadata: Record<string, unknown> };
  const [main] = template.spec.containers;
  return {
    manifest,
    plan,
    jobs,
    template,
    pod: template.spec,
    main,
    envOf: (name: string) => envOf(main, name),
  };
}

function envOf({ env }: Container, name: string): string | undefined {
  return env.find((one) => one.name === name)?.value;
}

describe('the Job of a role', () => {
  it('starts each pod once and holds it until it is captured', () => {
    const { manifest, plan, jobs, template } = manifestOf([aRole({ command: exec('true') })]);
    const labels = {
      'app.kubernetes.io/managed-by': 'franca',
      'franca/instance': 'i1',
      'franca/run': plan.runId,
      'franca/attempt': '1',
      'franca/role': 'worker',
    };
    expect(manifest.metadata).toEqual({
      name: 'r-x-1-worker',
      namespace: 'team',
      labels,
      annotations: { 'franca/jobs': JSON.stringify(jobs.map(({ id }) => id)) },
    });
    expect(manifest.spec).toMatchObject({
      completionMode: 'Indexed',
      completions: 1,
      parallelism: 1,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 3600,
    });
    expect(manifest.spec).not.toHaveProperty('activeDeadlineSeconds');
    expect(manifest.spec).not.toHaveProperty('suspend');
    expect(template.metadata).toEqual({
      labels,
      annotations: { 'kubectl.kubernetes.io/default-container': 'main' },
      finalizers: ['franca/capture'],
    });
    expect(template.spec).toMatchObject({
      restartPolicy: 'Never',
      subdomain: 'r-x-1',
      terminationGracePeriodSeconds: 10,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    });
  });

  it('lets replicas fail by themselves', () => {
    const { manifest } = manifestOf([aRole({ replicas: 3, command: exec('true') })]);
    expect(manifest.spec).toMatchObject({ completions: 3, parallelism: 3, backoffLimitPerIndex: 0 });
    expect(manifest.spec).not.toHaveProperty('backoffLimit');
  });

  it('has what the operator says', () => {
    const { manifest, pod, main } = manifestOf([aRole({ command: exec('true'), image: 'a/b:1' })], {
      settings: someSettings({
        imagePullPolicy: 'Never',
        imagePullSecrets: ['pull'],
        serviceAccount: 'jobs',
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'gpu', operator: 'Exists' }],
        priorityClass: 'low',
        runtimeClass: 'gvisor',
        deadlineSeconds: 60,
        ttlSeconds: 5,
        queue: 'team-queue',
        defaultResources: { cpu: '1' },
        maxResources: { memory: '1Gi' },
      }),
    });
    expect(manifest.spec).toMatchObject({
      activeDeadlineSeconds: 60,
      ttlSecondsAfterFinished: 5,
      suspend: true,
    });
    expect(manifest.metadata.labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'team-queue' });
    expect(pod).toMatchObject({
      serviceAccountName: 'jobs',
      automountServiceAccountToken: true,
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      imagePullSecrets: [{ name: 'pull' }],
      priorityClassName: 'low',
      runtimeClassName: 'gvisor',
    });
    expect(main).toMatchObject({
      image: 'a/b:1',
      imagePullPolicy: 'Never',
      resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
      securityContext: { allowPrivilegeEscalation: false },
    });
  });
});

describe('the nodes of a Job', () => {
  it('are those that its role asks for, among the operator’s', () => {
    const affinity = { nodeAffinity: {} };
    const tolerations = [{ key: 'gpu', operator: 'Exists' }] as const;
    const placement = { nodeSelector: { disk: 'ssd' }, tolerations, affinity };
    const settings = someSettings({ nodeSelector: { pool: 'jobs' }, runTolerations: ['gpu'] });
    const { pod } = manifestOf([aRole({ placement })], { settings });
    expect(pod).toMatchObject({ nodeSelector: { disk: 'ssd', pool: 'jobs' }, tolerations, affinity });
    expect(manifestOf([aRole()], { settings }).pod).not.toHaveProperty('affinity');
  });
});

describe('what a container executes', () => {
  it('is the words of the command, where references to variables are replaced and nothing else', () => {
    const env = [{ name: 'WHO', value: '$(HOME) $$' }];
    const command = exec('echo', '$(WHO)', '$WHO', '$$(WHO)', '$(NOBODY)');
    const { main, envOf } = manifestOf([aRole({ command, env })]);
    // As the cluster will read it: $$ stands for $.
    const read = main.command?.map((word) => word.replaceAll('$$', '$'));
    expect(read).toEqual(['echo', '$(HOME) $$', '$WHO', '$(WHO)', '$(NOBODY)']);
    expect(envOf('WHO')).toBe('$$(HOME) $$$$');
  });

  it('is a script for a shell as it stands', () => {
    const { main } = manifestOf([aRole({ command: shell('echo $((1+1)) $HOME') })]);
    expect(main.command).toEqual(['/bin/sh', '-c', 'echo $$((1+1)) $$HOME']);
  });

  it('is the image’s own where none is named', () => {
    const { main } = manifestOf([aRole({ command: null })]);
    expect(main).not.toHaveProperty('command');
    expect(main).not.toHaveProperty('workingDir');
  });

  it('is chosen by a script where replicas differ, and the same variables are plain', () => {
    const environment = ({ cluster }: Parameters<JobPlan['environment']>[0]) => ({
      SAME: 'same',
      TASK: `task ${cluster.task.index}`,
    });
    const role = aRole({
      replicas: 2,
      command: exec('sh', '-c', 'echo $FRANCA_JOB_ID, $TASK, $0', '--$(TASK)'),
    });
    const { main, jobs, envOf } = manifestOf([role], {}, { environment });
    expect(envOf('SAME')).toBe('same');
    expect(envOf('TASK')).toBeUndefined();
    const [program = '', ...words] = (main.command ?? []).map((word) => word.replaceAll('$$', '$'));
    for (const [index, { id }] of jobs.entries()) {
      const env = { PATH: process.env.PATH, JOB_COMPLETION_INDEX: String(index) };
      const { stdout } = spawnSync(program, words, { env, encoding: 'utf8' });
      expect(stdout).toBe(`${id}, task ${index}, --task ${index}\n`);
    }
  });

  it('knows where its fellows are', () => {
    const roles = [aRole({ name: 'Worker', replicas: 2 }), aRole({ name: 'Ps', kind: 'ps' })].map((role) => ({
      ...role,
      command: exec('train'),
    }));
    const plan = planOf({ framework: 'tensorflow', roles });
    const { main } = manifestOf(roles, { plan });
    expect(main.command?.[2]).toContain('worker-0.run.ns.svc:2222');
    expect(main.command?.[2]).toContain('ps-0.run.ns.svc:2222');
  });

  it('has a setup first, and counts as started when that is done', () => {
    const { main, pod } = manifestOf([aRole({ command: exec('run'), setup: 'pip install x' })]);
    expect(main).toMatchObject({
      workingDir: '/franca/work',
      startupProbe: { exec: { command: ['/bin/sh', '-c', 'test -e /franca/state/built'] } },
    });
    expect(main.command?.[2]).toContain("/bin/sh -e -c 'pip install x' || {");
    expect(pod).not.toHaveProperty('initContainers');
  });
});

describe('files of a job', () => {
  const claimed = someSettings({ claim: 'franca' });
  const shared = {
    outputs: 'd/artifacts/runs/r',
    inboxes: 'd/kubernetes/inboxes/$r',
    code: 'd/artifacts/code/c',
  };

  it('lie on the claim, each replica’s inbox apart', () => {
    const { main, pod } = manifestOf([aRole({ command: exec('run') })], { settings: claimed, shared });
    expect(pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'franca' } });
    expect(main.volumeMounts).toEqual([
      { name: 'data', mountPath: '/franca/outputs', subPath: 'd/artifacts/runs/r' },
      {
        name: 'data',
        mountPath: '/franca/inbox',
        subPathExpr: 'd/kubernetes/inboxes/$$r/worker/$(JOB_COMPLETION_INDEX)',
      },
    ]);
  });

  it('end with the pod without a claim', () => {
    const { main, pod } = manifestOf([aRole({ command: exec('run') })]);
    expect(pod.volumes).toEqual([{ name: 'scratch', emptyDir: {} }]);
    expect(main.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(['/franca/outputs', '/franca/inbox']);
  });

  it('begin with a copy of uploaded code, which the pod cannot change', () => {
    const roles = [aRole({ command: exec('run') })];
    const plan = { ...planOf({ roles }), code: codeRoot('01890000-0000-7000-8000-000000000009') };
    const { pod, main } = manifestOf(roles, { plan, settings: claimed, shared });
    expect(pod.initContainers?.[0]).toMatchObject({
      command: ['/bin/sh', '-e', '-c', 'cp -a /franca/code/. /franca/work/'],
      volumeMounts: [
        { name: 'scratch', mountPath: '/franca/work', subPath: 'work' },
        { name: 'data', mountPath: '/franca/code', subPath: 'd/artifacts/code/c', readOnly: true },
      ],
    });
    expect(main).toMatchObject({ workingDir: '/franca/work' });
  });

  it('begin with what git has', () => {
    const roles = [aRole({ command: exec('run') })];
    const code = { kind: 'git', url: "https://x/a'b.git", branch: '$dev' } as const;
    const plan = { ...planOf({ roles }), spec: { ...aSpec({ roles, revision: 1 }), code } };
    const { pod, envOf } = manifestOf(roles, { plan, settings: someSettings({ gitImage: 'git:1' }) });
    expect(pod.initContainers?.[0]).toMatchObject({
      image: 'git:1',
      command: [
        '/bin/sh',
        '-e',
        '-c',
        "exec git clone --depth 1 --branch '$$dev' -- 'https://x/a'\\''b.git' /code/current",
      ],
    });
    expect(envOf('CODE_PATH')).toBe('/code');
  });
});

describe('what can never run is rejected', () => {
  const run = exec('run');
  const uploaded = { ...planOf({ roles: [] }), code: codeRoot('01890000-0000-7000-8000-000000000009') };
  it.each<[string, Partial<Role>, Partial<PodSetting>, RegExp]>([
    [
      'no image',
      { command: run },
      { settings: someSettings({ image: null }) },
      /names no image.*FRANCA_K8S_IMAGE/,
    ],
    [
      'too much',
      { command: run, resources: { requests: { cpu: '2' }, limits: {} } },
      { settings: someSettings({ maxResources: { cpu: '1' } }) },
      /asks for cpu=2/,
    ],
    ['replicas without a command', { command: null, replicas: 2 }, {}, /has several replicas/],
    ['a setup without a command', { command: null, setup: 'true' }, {}, /has a setup/],
    ['code without a claim', { command: run }, { plan: uploaded }, /FRANCA_K8S_CLAIM/],
    [
      'an affinity to others’ pods',
      {
        command: run,
        placement: {
          nodeSelector: {},
          tolerations: [],
          affinity: {
            podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ namespaces: ['a'] }] },
          },
        },
      },
      {},
      /may not name namespaces/,
    ],
    ['an empty command', { command: exec('') }, {}, /is empty/],
    ['NUL in a word', { command: exec('a\0') }, {}, /NUL/],
    ['NUL in a variable', { command: run, env: [{ name: 'A', value: '\0' }] }, {}, /NUL/],
  ])('%s', (_, role, setting, message) => {
    const make = () => manifestOf([aRole({ image: null, ...role })], setting);
    expect(make).toThrow(Rejected);
    expect(make).toThrow(message);
  });
});

describe('the Service of an attempt', () => {
  it('is headless, names pods before they are ready, and goes with the Jobs', () => {
    const { plan } = manifestOf([aRole({ command: exec('true') })]);
    const owner: Owner = { instance: 'i1', runId: plan.runId, attempt: 2, namespace: 'team' };
    expect(serviceManifest('r-x-2', owner, [{ kind: 'Job', name: 'j', uid: 'u' }])).toMatchObject({
      kind: 'Service',
      metadata: { name: 'r-x-2', namespace: 'team', ownerReferences: [{ kind: 'Job', name: 'j', uid: 'u' }] },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: { 'franca/instance': 'i1', 'franca/run': plan.runId, 'franca/attempt': '2' },
      },
    });
  });
});
