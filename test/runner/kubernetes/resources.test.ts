import { describe, expect, it } from 'vitest';
import { Rejected } from '../../../src/core/ports/runner.js';
import type { Resources } from '../../../src/core/spec.js';
import { resourcesOf } from '../../../src/runner/kubernetes/resources.js';

type Named = Readonly<Record<string, string>>;

const asking = (requests: Named, limits: Named = {}) => ({ name: 'Worker', resources: { requests, limits } });

describe('what a container asks for', () => {
  it.each<[string, Resources, Named, Named, Resources]>([
    ['nothing', { requests: {}, limits: {} }, {}, {}, { requests: {}, limits: {} }],
    [
      'the role’s own words',
      { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
      { cpu: '2', memory: '2Gi' },
      {},
      { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
    ],
    [
      'the operator’s default',
      { requests: {}, limits: {} },
      { cpu: '2', 'nvidia.com/gpu': '1' },
      {},
      { requests: { cpu: '2' }, limits: { 'nvidia.com/gpu': '1' } },
    ],
    [
      'no more of the default than the maximum',
      { requests: {}, limits: {} },
      { memory: '4Gi' },
      { memory: '2Gi' },
      { requests: { memory: '2Gi' }, limits: { memory: '2Gi' } },
    ],
    [
      'the maximum as the limit of what has none',
      { requests: { cpu: '500m' }, limits: {} },
      {},
      { cpu: '1', 'nvidia.com/gpu': '2' },
      { requests: { cpu: '500m' }, limits: { cpu: '1' } },
    ],
  ])('is %s', (_, resources, defaultResources, maxResources, expected) => {
    expect(resourcesOf({ name: 'Worker', resources }, { defaultResources, maxResources })).toEqual(expected);
  });

  it.each<[Named, Named, Named]>([
    [{ cpu: '2' }, {}, { cpu: '1500m' }],
    [{}, { memory: '1G' }, { memory: '999M' }],
    [{}, { 'nvidia.com/gpu': '1' }, { 'nvidia.com/gpu': '0' }],
  ])('is refused beyond the maximum: %j %j', (requests, limits, maxResources) => {
    const ask = () => resourcesOf(asking(requests, limits), { defaultResources: {}, maxResources });
    expect(ask).toThrow(Rejected);
    expect(ask).toThrow(/^role Worker asks for .*; at most .* is allowed here$/);
  });
});
