import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config.js';

const kubernetes = { FRANCA_RUNNER: 'kubernetes', FRANCA_JOB_URL: 'http://franca.svc:5050' };

describe('settings of the Kubernetes runner', () => {
  it('have defaults that work on any cluster', () => {
    expect(loadConfig({}, kubernetes).kubernetes).toEqual({
      context: null,
      namespaces: ['default'],
      image: null,
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
    });
  });

  it.each<[string, string, object]>([
    ['NAMESPACES', 'team-a, team-b,team-a', { namespaces: ['team-a', 'team-b'] }],
    ['IMAGE', 'registry.example:5000/a/b@sha256:0', { image: 'registry.example:5000/a/b@sha256:0' }],
    ['IMAGE_PULL_SECRETS', 'a, b.c', { imagePullSecrets: ['a', 'b.c'] }],
    [
      'NODE_SELECTOR',
      'example.org/disk=ssd, zone=',
      { nodeSelector: { 'example.org/disk': 'ssd', zone: '' } },
    ],
    [
      'TOLERATIONS',
      'gpu=true:NoSchedule, spot:NoExecute,any',
      {
        tolerations: [
          { key: 'gpu', operator: 'Equal', value: 'true', effect: 'NoSchedule' },
          { key: 'spot', operator: 'Exists', effect: 'NoExecute' },
          { key: 'any', operator: 'Exists' },
        ],
      },
    ],
    ['RUN_TOLERATIONS', 'gpu, example.org/spot', { runTolerations: ['gpu', 'example.org/spot'] }],
    ['RUN_TOLERATIONS', '*', { runTolerations: ['*'] }],
    ['CLAIM_PATH', 'franca/data/', { claimPath: 'franca/data' }],
    ['DEFAULT_RESOURCES', 'cpu=500m, memory=1Gi', { defaultResources: { cpu: '500m', memory: '1Gi' } }],
    ['MAX_RESOURCES', 'nvidia.com/gpu=0', { maxResources: { 'nvidia.com/gpu': '0' } }],
    ['TTL_SECONDS', '0', { ttlSeconds: 0 }],
  ])('FRANCA_K8S_%s takes %j', (name, value, expected) => {
    expect(loadConfig({}, { ...kubernetes, [`FRANCA_K8S_${name}`]: value }).kubernetes).toMatchObject(
      expected,
    );
  });

  it.each<[string, readonly string[]]>([
    ['NAMESPACES', ['A', 'a/b', ',', 'a_b', 'a.b']],
    ['IMAGE', ['a b']],
    ['IMAGE_PULL_POLICY', ['always', 'Sometimes']],
    ['IMAGE_PULL_SECRETS', ['a b', '-a']],
    ['IMAGE_PULL_SECONDS', ['0', '1.5', '-1', '10m']],
    ['SERVICE_ACCOUNT', ['a/b', '..']],
    ['NODE_SELECTOR', ['disk', '=ssd', 'a=b c', 'a/b/c=d']],
    ['TOLERATIONS', ['=x', 'a:Never', 'a b', 'a=b:NoSchedule:x']],
    ['RUN_TOLERATIONS', ['gpu=true', 'gpu:NoSchedule', 'a*', 'a b']],
    ['CLAIM', ['a_b']],
    ['CLAIM_PATH', ['/a', '..', 'a/../b', './a']],
    ['DEFAULT_RESOURCES', ['cpu', 'cpu=much', 'cpu=-1', '=1']],
    ['MAX_RESOURCES', ['memory=1GB']],
    ['DEADLINE_SECONDS', ['0', 'x']],
  ])('FRANCA_K8S_%s refuses %j', (name, values) => {
    for (const value of values) {
      const environment = { ...kubernetes, [`FRANCA_K8S_${name}`]: value };
      expect(() => loadConfig({}, environment), value).toThrow(new RegExp(`^FRANCA_K8S_${name} must be`));
    }
  });

  it('want an address by which pods reach Franca', () => {
    expect(() => loadConfig({}, { FRANCA_RUNNER: 'kubernetes' })).toThrow(/^FRANCA_JOB_URL .*pods/);
  });

  it('are nothing to another runner', () => {
    expect(loadConfig({}, { FRANCA_K8S_NAMESPACES: 'a' }).kubernetes).toBeNull();
  });
});
