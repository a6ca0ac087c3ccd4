import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { isRescale } from '../../../src/core/spec.js';
import { createdAtMs, fromCore, json, toCore, wireSpec } from './wire-specs.js';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapped = (value: unknown, map: (item: unknown) => unknown) =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)])) : null;
const texts = (value: unknown) => mapped(value, (item) => String(item));

/** What must be shown of what was sent: all of it, with texts for scalars and a value for every known key. */
function expected(sent: Json): unknown {
  const meta = sent.meta as Json;
  return {
    ...sent,
    meta: {
      cmd: null,
      ...meta,
      name: String(meta.name).toLowerCase(),
      namespace: meta.namespace ?? 'default',
      envVars: texts(meta.envVars) ?? {},
      tags: meta.tags ?? [],
      experimentId: `experiment_${createdAtMs}_0001`,
    },
    environment: {
      name: null,
      image: null,
      dockerImage: null,
      description: null,
      kernelSpec: null,
      ...(sent.environment as Json | null | undefined),
    },
    spec: mapped(sent.spec, (task) => ({
      name: null,
      image: null,
      cmd: null,
      resources: '',
      ...(task as Json),
      resourceMap: expect.any(Object),
      replicas: Number((task as Json).replicas ?? 1),
      envVars: texts((task as Json).envVars),
    })),
    code: sent.code ?? null,
    experimentHandlerSpec: texts(sent.experimentHandlerSpec),
  };
}

describe('any spec', () => {
  it('loses nothing on its way into the core and back', () => {
    fc.assert(
      fc.property(wireSpec, (sent) => {
        expect(fromCore(toCore(json(sent))).spec).toEqual(expected(sent));
      }),
      { numRuns: 500 },
    );
  });

  it('means the same in YAML', () => {
    fc.assert(
      fc.property(wireSpec, (sent) => {
        const yaml = toCore({ mediaType: 'application/yaml', text: stringify(sent, { lineWidth: 0 }) });
        const other = toCore(json(sent));
        expect(fromCore(yaml)).toEqual(fromCore(other));
        expect({ ...yaml.spec, source: null }).toEqual({ ...other.spec, source: null });
      }),
      { numRuns: 200 },
    );
  });

  it('is the same spec when a client sends back what it was shown', () => {
    fc.assert(
      fc.property(wireSpec, (sent) => {
        const first = toCore(json(sent));
        const again = toCore(json(fromCore(first).spec));
        expect(fromCore(again)).toEqual(fromCore(first));
        expect(isRescale(first.spec, again.spec)).toBe(true);
        expect(again.spec.roles).toEqual(first.spec.roles);
      }),
      { numRuns: 200 },
    );
  });
});
