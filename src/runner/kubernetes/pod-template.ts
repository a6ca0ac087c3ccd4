import { expandReferences } from '../../core/command.js';
import { type JobPlan, Rejected, type RunPlan } from '../../core/ports/runner.js';
import type { Command, Role } from '../../core/spec.js';
import { type AddressOf, clusterOf, topologyEnvironment } from '../../core/topology.js';
import { codeContainer, controllerMarks, fellowPort, roleSlug } from './names.js';
import { placementOf } from './placement.js';
import { isCommon, type PerReplica, quoted, replicaScript } from './replica-script.js';
import { resourcesOf } from './resources.js';
import type { KubernetesSettings } from './settings.js';
import { rulesOf, trainingRules, type WorkloadKind } from './workloads.js';

/** Where things are inside a pod. */
export const podPaths = {
  work: '/franca/work',
  outputs: '/franca/outputs',
  inbox: '/franca/inbox',
  state: '/franca/state',
  /** What was uploaded, before it is copied. */
  code: '/franca/code',
  /** Where git's code lies, and where clients of one dialect look for it. */
  git: '/code',
  checkout: '/code/current',
  built: '/franca/state/built',
} as const;

/** Paths on the claim of Franca's data folder. */
export interface SharedFolders {
  readonly outputs: string;
  /** Below it a folder for each replica, by its role and its index there. */
  readonly inboxes: string;
  /** null where the run has no uploaded code. */
  readonly code: string | null;
}

/** Replicas of a role that one object has, by their index in it. */
export interface Replicas {
  readonly role: Role;
  readonly jobs: readonly JobPlan[];
}

/** What a pod is made of beside its replicas. */
export interface PodSetting {
  readonly plan: Pick<RunPlan, 'runId' | 'spec' | 'code'>;
  readonly settings: KubernetesSettings;
  readonly addressOf: AddressOf;
  /** The Service by which replicas find each other, where Franca makes one. */
  readonly subdomain: string;
  readonly graceSeconds: number;
  /** null without a claim. */
  readonly shared: SharedFolders | null;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The specification of the pods of one role in an object of a kind.
 *
 * @throws Rejected for what can never run.
 */
export function podSpec(kind: WorkloadKind, replicas: Replicas, setting: PodSetting): Json {
  const { role } = replicas;
  const { settings, shared } = setting;
  const { container, needsService } = rulesOf(kind);
  const image = role.image ?? settings.image;
  if (image === null)
    throw new Rejected('config_error', `role ${role.name} names no image, and FRANCA_K8S_IMAGE is not set`);
  const code = codeStep(image, setting);
  const hasWork = setting.plan.code !== null || role.setup !== null;
  const { requests, limits } = resourcesOf(role, settings);
  const { nodeSelector, tolerations, affinity } = placementOf(role, settings);
  const { env, command } = contentOf(kind, replicas, setting);
  const pull = settings.imagePullPolicy === null ? {} : { imagePullPolicy: settings.imagePullPolicy };
  const main = {
    name: container,
    image,
    ...pull,
    ...(command === null ? {} : { command: command.map(escaped) }),
    ...(hasWork ? { workingDir: podPaths.work } : {}),
    ...(kind === 'Job' ? {} : { ports: [{ name: trainingRules[kind].port, containerPort: fellowPort }] }),
    env: [
      ...(kind === 'Job' ? [] : [trainingIndex]),
      ...Object.entries(env).map(([name, value]) => ({ name, value: escaped(value) })),
    ],
    resources: { requests, limits },
    securityContext: containerSecurity,
    ...(role.setup === null ? {} : { startupProbe: builtProbe }),
    volumeMounts: [
      ...(hasWork ? [scratch(podPaths.work, 'work')] : []),
      ...(role.setup === null ? [] : [scratch(podPaths.state, 'state')]),
      ...(isFromGit(setting.plan) ? [scratch(podPaths.git, 'git')] : []),
      ...sharedMounts(role, shared),
    ],
  };
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: setting.graceSeconds,
    ...(needsService ? { subdomain: setting.subdomain } : {}),
    ...(kind === 'Job' || settings.deadlineSeconds === null
      ? {}
      : // Its node ends it, should nobody else do so in time.
        { activeDeadlineSeconds: settings.deadlineSeconds }),
    enableServiceLinks: false,
    automountServiceAccountToken: settings.serviceAccount !== null,
    ...(settings.serviceAccount === null ? {} : { serviceAccountName: settings.serviceAccount }),
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    ...(settings.priorityClass === null ? {} : { priorityClassName: settings.priorityClass }),
    ...(settings.runtimeClass === null ? {} : { runtimeClassName: settings.runtimeClass }),
    nodeSelector,
    tolerations,
    ...(affinity === null ? {} : { affinity }),
    imagePullSecrets: settings.imagePullSecrets.map((name) => ({ name })),
    ...(code === null ? {} : { initContainers: [{ ...code, ...pull }] }),
    containers: [main],
    volumes: [
      { name: 'scratch', emptyDir: {} },
      ...(shared === null ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: settings.claim } }]),
    ],
  };
}

/** What an image may need as root it keeps; what only an attacker needs it loses. */
const containerSecurity = { allowPrivilegeEscalation: false, capabilities: { drop: ['NET_RAW'] } };

/** The index of a replica, which the Job controller gives its pods under this name by itself. */
const trainingIndex = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { fieldPath: `metadata.labels['${controllerMarks.trainingIndex}']` } },
};

/** Tells when the setup is done: until then the container counts as not started. It never fails for good. */
const builtProbe = {
  exec: { command: ['/bin/sh', '-c', `test -e ${podPaths.built}`] },
  periodSeconds: 1,
  failureThreshold: 2 ** 31 - 1,
};

function isFromGit({ spec, code }: PodSetting['plan']): boolean {
  return code === null && spec.code !== null;
}

function scratch(mountPath: string, subPath: string): Json {
  return { name: 'scratch', mountPath, subPath };
}

/** The folders that Franca sees, too, where there is a claim. */
function sharedMounts(role: Role, shared: SharedFolders | null): Json[] {
  const { outputs, inbox } = podPaths;
  if (shared === null) return [scratch(outputs, 'outputs'), scratch(inbox, 'inbox')];
  const ofReplica = `${escaped(shared.inboxes)}/${roleSlug(role.name)}/$(JOB_COMPLETION_INDEX)`;
  return [
    { name: 'data', mountPath: outputs, subPath: shared.outputs },
    { name: 'data', mountPath: inbox, subPathExpr: ofReplica },
  ];
}

/** The container that brings the code before: a copy of what was uploaded, or what git has. */
function codeStep(image: string, setting: PodSetting): Json | null {
  const { plan, shared, settings } = setting;
  const common = { name: codeContainer, terminationMessagePolicy: 'FallbackToLogsOnError' };
  const sh = (script: string) => ({ command: ['/bin/sh', '-e', '-c', escaped(script)] });
  if (plan.code !== null) {
    if (shared?.code == null)
      throw new Rejected('config_error', 'uploaded code reaches pods by a claim: set FRANCA_K8S_CLAIM');
    return {
      ...common,
      image,
      ...sh(`cp -a ${podPaths.code}/. ${podPaths.work}/`),
      securityContext: containerSecurity,
      volumeMounts: [
        scratch(podPaths.work, 'work'),
        { name: 'data', mountPath: podPaths.code, subPath: shared.code, readOnly: true },
      ],
    };
  }
  const { code } = plan.spec;
  if (code === null) return null;
  const branch = code.branch === null ? '' : `--branch ${quoted(code.branch)} `;
  return {
    ...common,
    image: settings.gitImage ?? image,
    ...sh(`exec git clone --depth 1 ${branch}-- ${quoted(code.url)} ${podPaths.checkout}`),
    securityContext: containerSecurity,
    volumeMounts: [scratch(podPaths.git, 'git')],
  };
}

interface Content {
  /** The same for all replicas. */
  readonly env: Readonly<Record<string, string>>;
  /** null for the image's own. */
  readonly command: readonly string[] | null;
}

/** What the pods execute and are told. What differs between replicas goes into a script that knows which it is. */
function contentOf(kind: WorkloadKind, { role, jobs }: Replicas, setting: PodSetting): Content {
  const environments = jobs.map((job) => environmentOf(job, role, setting));
  const names = [...new Set(environments.flatMap((variables) => Object.keys(variables)))];
  const { command, setup } = role;
  const { variables: controlled } = rulesOf(kind);
  const isNamed = (name: string) => role.env.some((one) => one.name === name);
  const texts = names
    // The controller gives its own.
    .filter((name) => !controlled.includes(name) || isNamed(name))
    .map((name): [string, PerReplica] => [name, environments.map((variables) => variables[name] ?? '')]);
  // What the spec names wins over the controller's, which only a script can have.
  const isPlainly = ([name, values]: [string, PerReplica]) =>
    isCommon(values) && !(controlled.includes(name) && command !== null);
  const env = Object.fromEntries(texts.filter(isPlainly).map(([name, [value = '']]) => [name, value]));
  const differing = texts.filter((text) => !isPlainly(text));
  checkNul(role.name, command, environments);
  if (command === null) {
    if (differing.length === 0 && setup === null) return { env, command };
    const why = setup === null ? 'has several replicas' : 'has a setup';
    const message = `role ${role.name} ${why} and so has to name its command: the image's own is not known here`;
    throw new Rejected('config_error', message);
  }
  const words = environments.map((variables) => wordsOf(command, variables));
  const columns = (words[0] ?? []).map((_, place) => words.map((argv) => argv[place] ?? ''));
  const isPlain = differing.length === 0 && setup === null && columns.every(isCommon);
  if (isPlain) return { env, command: words[0] ?? [] };
  const script = replicaScript({
    variables: Object.fromEntries(differing),
    words: columns,
    setup,
    builtFile: podPaths.built,
  });
  return { env, command: ['/bin/sh', '-c', script] };
}

/** Words may refer to variables; a script has a shell for that. */
function wordsOf(command: Command, variables: Readonly<Record<string, string>>): readonly string[] {
  if (command.kind === 'shell') return ['/bin/sh', '-c', command.script];
  return expandReferences(command.argv, variables);
}

/** All that a job is given, each part winning over those before it, as with every runner. */
function environmentOf(job: JobPlan, role: Role, { plan, addressOf }: PodSetting): Record<string, string> {
  const { outputs, inbox } = podPaths;
  const cluster = clusterOf(plan.spec, addressOf, role.name, job.index);
  return {
    ...job.environment({ outputs, cluster, inbox }),
    ...topologyEnvironment(plan.spec, addressOf)(role.name, job.index),
    ...(isFromGit(plan) ? { CODE_PATH: podPaths.git } : {}),
    ...Object.fromEntries(role.env.map(({ name, value }) => [name, value])),
    FRANCA_JOB_ID: job.id,
  };
}

function checkNul(
  role: string,
  command: Command | null,
  environments: readonly Readonly<Record<string, string>>[],
): void {
  const words = command === null ? [] : command.kind === 'shell' ? [command.script] : command.argv;
  if (command?.kind === 'exec' && (command.argv[0] ?? '') === '')
    throw new Rejected('config_error', `the command of role ${role} is empty`);
  if ([...words, ...environments.flatMap((variables) => Object.values(variables))].join('').includes('\0'))
    throw new Rejected('config_error', `role ${role} has a NUL character in its command or environment`);
}

/** Kubernetes replaces `$(NAME)` in words and values; what we give is meant as it stands. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$');
}
