import { z } from 'zod';
import { isLabelValue, isQualifiedName, type Toleration } from './core/placement.js';
import { amountOf } from './core/quantity.js';
import type { KubernetesSettings } from './runner/kubernetes/settings.js';

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const objectName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const folderPath = /^(?!.*(^|\/)\.\.?(\/|$))[^/\0][^\0]*$/;

const named = (what: string) =>
  z.string().regex(objectName, `must be the name of a ${what}: a-z, 0-9, - and .`);

const parts = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const image = z.string().regex(/^\S{1,512}$/, 'must be the name of an image');

const seconds = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number of seconds from ${least}`)
    .transform(Number)
    .refine((value) => value >= least, `must be a whole number of seconds from ${least}`);

/** `a=1,b=2` as a record; null if a part has another form. */
function pairsOf(
  text: string,
  isKey: (key: string) => boolean,
  isValue: (value: string) => boolean,
): Record<string, string> | null {
  const pairs = parts(text).map((part): [string, string] => {
    const at = part.indexOf('=');
    return [part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim()];
  });
  return pairs.every(([key, value]) => isKey(key) && isValue(value)) ? Object.fromEntries(pairs) : null;
}

/** A text of pairs by `=` and commas, or an issue with this message. */
const pairs = (message: string, isKey: (key: string) => boolean, isValue: (value: string) => boolean) =>
  z.string().transform((text, context) => {
    const found = pairsOf(text, isKey, isValue);
    if (found !== null) return found;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const resources = () =>
  pairs('must be like cpu=500m,memory=1Gi', isQualifiedName, (value) => (amountOf(value) ?? -1) >= 0);

const toleration = /^(?<key>[^=:]+)(=(?<value>[^:]*))?(:(?<effect>NoSchedule|PreferNoSchedule|NoExecute))?$/;

function tolerationOf(text: string): Toleration | null {
  const { key = '', value, effect } = toleration.exec(text)?.groups ?? {};
  if (!isQualifiedName(key) || !isLabelValue(value ?? '')) return null;
  return {
    key,
    ...(value === undefined ? { operator: 'Exists' } : { operator: 'Equal', value }),
    ...(effect === undefined ? {} : { effect: effect as NonNullable<Toleration['effect']> }),
  };
}

const tolerations = z.string().transform((text, context) => {
  const found = parts(text).map(tolerationOf);
  if (!found.includes(null)) return found.filter((one) => one !== null);
  context.addIssue({ code: 'custom', message: 'must be like gpu=true:NoSchedule,spot:NoExecute' });
  return z.NEVER;
});

const namespaces = z
  .string()
  .transform(parts)
  .refine(
    (names) => names.length > 0 && names.every((name) => dnsLabel.test(name)),
    'must be names of namespaces by commas: a-z, 0-9 and -',
  )
  .transform((names) => [...new Set(names)] as [string, ...string[]]);

/** The settings of the Kubernetes runner, by their names in the program; see `settingsSchema`. */
export const kubernetesShape = {
  k8sContext: z
    .string()
    .optional()
    .describe('Kubernetes: context of the client configuration (default: the current one, or the pod’s own)'),
  k8sNamespaces: namespaces
    .prefault('default')
    .describe('Kubernetes: namespaces in which jobs may run, by commas; the first is the default'),
  k8sImage: image
    .optional()
    .describe('Kubernetes: image of jobs that name none (default: such jobs are refused)'),
  k8sGitImage: image
    .optional()
    .describe('Kubernetes: image with git, which fetches code (default: the job’s own)'),
  k8sImagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'], 'must be Always, IfNotPresent or Never')
    .optional()
    .describe('Kubernetes: when images are pulled (default: the cluster’s)'),
  k8sImagePullSecrets: z
    .string()
    .transform(parts)
    .pipe(z.array(named('secret')))
    .optional()
    .describe('Kubernetes: secrets by which images are pulled, by commas'),
  k8sImagePullSeconds: seconds(1)
    .prefault('300')
    .describe('Kubernetes: how long an image may fail to be pulled before its job has failed'),
  k8sServiceAccount: named('service account')
    .optional()
    .describe('Kubernetes: service account of jobs, whose token they get (default: none is given)'),
  k8sNodeSelector: pairs('must be labels of nodes like disk=ssd,zone=a', isQualifiedName, isLabelValue)
    .optional()
    .describe('Kubernetes: labels that nodes of jobs must have, like `disk=ssd,zone=a`'),
  k8sTolerations: tolerations
    .optional()
    .describe('Kubernetes: taints that jobs tolerate, like `gpu=true:NoSchedule,spot:NoExecute`'),
  k8sRunTolerations: z
    .string()
    .transform(parts)
    .refine(
      (keys) => keys.every((key) => key === '*' || isQualifiedName(key)),
      'must be keys of taints by commas, or *',
    )
    .optional()
    .describe('Kubernetes: taints that a run may ask to tolerate, by commas, `*` for all (default: none)'),
  k8sPriorityClass: named('priority class').optional().describe('Kubernetes: priority class of jobs'),
  k8sRuntimeClass: named('runtime class').optional().describe('Kubernetes: runtime class of jobs'),
  k8sClaim: named('claim')
    .optional()
    .describe(
      'Kubernetes: claim on which the data folder lies, so that jobs keep outputs and get uploaded code (default: outputs are lost with the pod)',
    ),
  k8sClaimPath: z
    .string()
    .transform((text) => text.replace(/\/+$/, ''))
    .refine((text) => folderPath.test(text), 'must be a relative path without . and ..')
    .optional()
    .describe('Kubernetes: path of the data folder on that claim (default: its root)'),
  k8sDefaultResources: resources()
    .optional()
    .describe('Kubernetes: what jobs ask for that say nothing of it, like `cpu=500m,memory=1Gi`'),
  k8sMaxResources: resources()
    .optional()
    .describe('Kubernetes: what no job may go beyond; the limit of jobs that set none'),
  k8sDeadlineSeconds: seconds(1)
    .optional()
    .describe('Kubernetes: how long a job may take, waiting included (default: without end)'),
  k8sTtlSeconds: seconds(0)
    .prefault('3600')
    .describe('Kubernetes: how long the objects of jobs that have ended stay on the cluster'),
  k8sQueue: named('queue').optional().describe('Kubernetes: queue of Kueue that lets jobs in'),
  k8sNodeLostSeconds: seconds(1)
    .prefault('300')
    .describe('Kubernetes: how long a node may be silent before its jobs have failed'),
};

const shape = z.object(kubernetesShape);

/** The settings as the runner takes them. */
export function kubernetesSettingsOf(settings: z.output<typeof shape>): KubernetesSettings {
  return {
    context: settings.k8sContext ?? null,
    namespaces: settings.k8sNamespaces,
    image: settings.k8sImage ?? null,
    gitImage: settings.k8sGitImage ?? null,
    imagePullPolicy: settings.k8sImagePullPolicy ?? null,
    imagePullSecrets: settings.k8sImagePullSecrets ?? [],
    imagePullSeconds: settings.k8sImagePullSeconds,
    serviceAccount: settings.k8sServiceAccount ?? null,
    nodeSelector: settings.k8sNodeSelector ?? {},
    tolerations: settings.k8sTolerations ?? [],
    runTolerations: settings.k8sRunTolerations ?? [],
    priorityClass: settings.k8sPriorityClass ?? null,
    runtimeClass: settings.k8sRuntimeClass ?? null,
    claim: settings.k8sClaim ?? null,
    claimPath: settings.k8sClaimPath ?? '',
    defaultResources: settings.k8sDefaultResources ?? {},
    maxResources: settings.k8sMaxResources ?? {},
    deadlineSeconds: settings.k8sDeadlineSeconds ?? null,
    ttlSeconds: settings.k8sTtlSeconds,
    queue: settings.k8sQueue ?? null,
    nodeLostSeconds: settings.k8sNodeLostSeconds,
  };
}
