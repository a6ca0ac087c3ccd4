import { describe, expect, it } from 'vitest';
import type { Placement } from '../../../src/core/placement.js';
import { Rejected } from '../../../src/core/ports/runner.js';
import { namespaceOf, placementOf, remarksOf } from '../../../src/runner/kubernetes/placement.js';
import type { KubernetesSettings } from '../../../src/runner/kubernetes/settings.js';
import { aRole, aSpec } from '../../support/builders.js';
import { someSettings } from './settings.js';

const nothing: Placement = { nodeSelector: {}, tolerations: [], affinity: null };

function placed(placement: Partial<Placement> | null, settings: Partial<KubernetesSettings> = {}): Placement {
  const role = aRole({ placement: placement === null ? null : { ...nothing, ...placement } });
  return placementOf(role, someSettings(settings));
}

describe('the namespace of a run', () => {
  const settings = someSettings({ namespaces: ['jobs', 'team'] });

  it.each([
    [null, 'jobs'],
    ['jobs', 'jobs'],
    ['team', 'team'],
    // Nobody goes where the operator did not say.
    ['kube-system', 'jobs'],
    ['', 'jobs'],
    ['Team', 'jobs'],
    ['team/../kube-system', 'jobs'],
    ['team/pods', 'jobs'],
    ['constructor', 'jobs'],
  ])('of %j is %s', (namespace, expected) => {
    expect(namespaceOf(aSpec({ namespace }), settings)).toBe(expected);
  });
});

describe('the nodes of a role', () => {
  it('are any where nobody says anything', () => {
    expect(placed(null)).toEqual(nothing);
  });

  it('are those that the operator and the run say', () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
    expect(placed({ nodeSelector: { disk: 'ssd' }, affinity }, { nodeSelector: { pool: 'jobs' } })).toEqual({
      ...nothing,
      nodeSelector: { disk: 'ssd', pool: 'jobs' },
      affinity,
    });
  });

  it('are never others than those of the operator', () => {
    const { nodeSelector } = placed(
      { nodeSelector: { pool: 'system', disk: 'ssd' } },
      { nodeSelector: { pool: 'jobs' } },
    );
    expect(nodeSelector).toEqual({ pool: 'jobs', disk: 'ssd' });
  });

  const gpu = { key: 'gpu', operator: 'Exists' } as const;
  const spot = { key: 'spot', operator: 'Equal', value: 'yes', effect: 'NoExecute' } as const;
  const controlPlane = { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' } as const;
  const everything = { operator: 'Exists' } as const;

  it.each<[string, readonly string[], readonly Placement['tolerations'][number][]]>([
    ['none of its own', [], []],
    ['those that runs may ask for', ['spot', 'other'], [spot]],
    ['all where runs may ask for all', ['*'], [gpu, spot, controlPlane, everything]],
  ])('are tolerated with %s', (_name, runTolerations, expected) => {
    const operators = { key: 'jobs', operator: 'Exists' } as const;
    const settings = { tolerations: [operators], runTolerations };
    const { tolerations } = placed({ tolerations: [gpu, spot, controlPlane, everything] }, settings);
    expect(tolerations).toEqual([operators, ...expected]);
  });
});

describe('an affinity', () => {
  const term = (said: object) => ({ topologyKey: 'kubernetes.io/hostname', ...said });
  const required = (said: object) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term(said)] });
  const preferred = (said: object) => ({
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term(said) }],
  });

  it.each([
    [
      'pods of its own namespace',
      { podAntiAffinity: required({ labelSelector: { matchLabels: { namespaces: 'a' } } }) },
    ],
    ['nulls', { podAffinity: null, podAntiAffinity: preferred({ namespaces: null }) }],
    [
      'what has no such form',
      { podAffinity: 'x', podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [null, 1] } },
    ],
  ])('is passed on with %s', (_name, affinity) => {
    expect(placed({ affinity }).affinity).toEqual(affinity);
  });

  it.each([
    ['keeps the pods of all namespaces away', { podAntiAffinity: required({ namespaceSelector: {} }) }],
    ['seeks the pods of another namespace', { podAffinity: required({ namespaces: ['kube-system'] }) }],
    ['would rather not be beside them', { podAntiAffinity: preferred({ namespaces: ['kube-system'] }) }],
    ['would rather be beside them', { podAffinity: preferred({ namespaceSelector: { matchLabels: {} } }) }],
  ])('is refused that %s', (_name, affinity) => {
    expect(() => placed({ affinity })).toThrow(
      new Rejected('config_error', 'role Worker: its affinity may not name namespaces'),
    );
  });
});

describe('what is remarked', () => {
  const settings = someSettings({
    namespaces: ['jobs', 'team'],
    nodeSelector: { pool: 'jobs' },
    runTolerations: ['spot'],
  });
  const remarks = (namespace: string | null, placement: Partial<Placement> | null) => {
    const roles = [
      aRole(),
      aRole({ name: 'Ps', placement: placement === null ? null : { ...nothing, ...placement } }),
    ];
    const spec = aSpec({ namespace, roles });
    return remarksOf(spec, namespaceOf(spec, settings), settings);
  };

  it.each<[string, string | null, Partial<Placement> | null]>([
    ['nothing is asked for', null, null],
    ['the namespace is one of those', 'team', null],
    ['the nodes are those of the operator', 'jobs', { nodeSelector: { pool: 'jobs', disk: 'ssd' } }],
    ['it may tolerate the taint', null, { tolerations: [{ key: 'spot', operator: 'Exists' }] }],
  ])('is nothing where %s', (_name, namespace, placement) => {
    expect(remarks(namespace, placement)).toEqual([]);
  });

  it('is all that a run does not get', () => {
    const placement = {
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }, { operator: 'Exists' }],
    } as const;
    expect(remarks('kube-system', placement)).toEqual([
      'runs in the namespace jobs: jobs may not run in "kube-system"',
      'role Ps: jobs run on nodes of pool=jobs, not system',
      'role Ps: runs may not ask to tolerate the taint gpu',
      'role Ps: runs may not ask to tolerate every taint',
    ]);
  });

  it('is as short for a namespace without end', () => {
    expect(remarks('x'.repeat(100_000), null)[0]?.length).toBeLessThan(200);
  });
});
