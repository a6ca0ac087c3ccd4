import type { KubernetesSettings } from '../../../src/runner/kubernetes/settings.js';

/** The settings of a runner of which the operator has said nothing but an image. */
export function someSettings(fields: Partial<KubernetesSettings> = {}): KubernetesSettings {
  return {
    context: null,
    namespaces: ['default'],
    image: 'localhost/busybox:test',
    gitImage: null,
    imagePullPolicy: null,
    imagePullSecrets: [],
    imagePullSeconds: 300,
    serviceAccount: null,
    nodeSelector: {},
    tolerations: [],
    runTolerations: [],
    priorityClass: null,
    runtimeClass: null,
    claim: null,
    claimPath: '',
    defaultResources: {},
    maxResources: {},
    deadlineSeconds: null,
    ttlSeconds: 3600,
    queue: null,
    nodeLostSeconds: 300,
    ...fields,
  };
}
