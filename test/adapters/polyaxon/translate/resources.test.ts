import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromResources,
  type ResourcesInput,
  resourceKinds,
  toResources,
  totalResources,
} from '../../../../adapters/polyaxon/translate/resources.js';
import type { Resources } from '../../../../src/core/spec.js';

const nothing = { cpu: null, memory: null, gpu: null, tpu: null };

describe('resources', () => {
  it.each<[ResourcesInput, Resources]>([
    [
      { cpu: { requests: 0.5, limits: 2 }, memory: { requests: 512 } },
      { requests: { cpu: '0.5', memory: '512Mi' }, limits: { cpu: '2' } },
    ],
    [
      { gpu: { requests: 1, limits: 1 }, tpu: { limits: 8 } },
      {
        requests: { 'nvidia.com/gpu': '1' },
        limits: { 'nvidia.com/gpu': '1', 'cloud-tpus.google.com/v2': '8' },
      },
    ],
    [
      { memory: { limits: 0.5 }, cpu: { requests: 0 } },
      { requests: { cpu: '0' }, limits: { memory: '0.5Mi' } },
    ],
  ])('%j, both ways', (sent, core) => {
    expect(toResources(sent)).toEqual(core);
    const full = resourceKinds.map((kind) => {
      const amounts = sent[kind];
      return [kind, amounts == null ? null : { requests: null, limits: null, ...amounts }];
    });
    expect(fromResources(core)).toEqual(Object.fromEntries(full));
  });

  it.each<[Record<string, string>, object | null]>([
    [
      { cpu: '100m', memory: '1Gi' },
      { cpu: 0.1, memory: 1024 },
    ],
    [{ memory: '1024M' }, { memory: 976.5625 }],
    [{ memory: '1048576' }, { memory: 1 }],
    [{ memory: '1e3k' }, { memory: 1e6 / 1048576 }],
    [{ memory: '512Ki' }, { memory: 0.5 }],
    [{ cpu: 'many', 'example.com/fpga': '1' }, null],
    [{}, null],
  ])('of other dialects, one way: %j', (requests, amounts) => {
    const wire =
      amounts === null
        ? null
        : {
            ...nothing,
            ...Object.fromEntries(
              Object.entries(amounts).map(([kind, value]) => [kind, { requests: value, limits: null }]),
            ),
          };
    expect(fromResources({ requests, limits: {} })).toEqual(wire);
  });

  it('come back as the numbers that they were', () => {
    const amount = fc.option(
      fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 1e-6, max: 1e12, noNaN: true })),
    );
    const amounts = fc.option(fc.record({ requests: amount, limits: amount }));
    fc.assert(
      fc.property(fc.record({ cpu: amounts, memory: amounts, gpu: amounts, tpu: amounts }), (sent) => {
        const expected = resourceKinds.map((kind) => {
          const { requests = null, limits = null } = sent[kind] ?? {};
          return [kind, requests === null && limits === null ? null : { requests, limits }];
        });
        const isNothing = expected.every(([, value]) => value === null);
        expect(fromResources(toResources(sent))).toEqual(isNothing ? null : Object.fromEntries(expected));
      }),
    );
  });

  it('are summed over replicas', () => {
    const small = toResources({ cpu: { requests: 0.1 }, memory: { requests: 100 } });
    const large = toResources({ cpu: { limits: 2 }, gpu: { limits: 1 } });
    const roles = [
      { replicas: 3, resources: small },
      { replicas: 2, resources: large },
      { replicas: 0, resources: toResources({ tpu: { limits: 1 } }) },
    ];
    expect(totalResources(roles)).toEqual({
      cpu: { requests: 0.3, limits: 4 },
      memory: { requests: 300, limits: null },
      gpu: { requests: null, limits: 2 },
      tpu: null,
    });
    expect(totalResources([])).toBeNull();
  });
});
