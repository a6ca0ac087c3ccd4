import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSubmarineAdapter } from '../../../adapters/submarine/index.js';
import { formatDocument, openApiDocuments } from '../../../src/commands/openapi.js';
import { routes } from './harness.js';

const root = new URL('../../../', import.meta.url);
const fileOf = (name: string) => readFileSync(fileURLToPath(new URL(name, root)), 'utf8');

const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  security: z.array(z.unknown()),
  responses: z.record(
    z.string(),
    z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }),
  ),
});
const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

let texts: ReadonlyMap<string, string>;

beforeAll(async () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(fileOf('package.json')));
  const documents = await openApiDocuments([createSubmarineAdapter], version);
  texts = new Map([...documents].map(([name, one]) => [name, formatDocument(one)]));
});

const submarine = () => document.parse(JSON.parse(texts.get('submarine') ?? ''));
const operations = () => Object.values(submarine().paths).flatMap((path) => Object.values(path));

describe('the document', () => {
  it('is the committed one; `npm run openapi` writes it', () => {
    expect(texts.get('submarine')).toBe(fileOf('openapi/submarine.json'));
  });

  it('has an operation for every route, each with a name of its own', () => {
    const names = operations().map(({ operationId }) => operationId);
    expect([...names].sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it('gives each operation one tag, and its errors one envelope', () => {
    for (const { operationId, tags, security, responses } of operations()) {
      expect(tags).toHaveLength(1);
      const isOpen = ['pingExperiment', 'createToken'].includes(operationId);
      expect(security).toHaveLength(isOpen ? 0 : 2);
      for (const status of ['400', '404', '500', ...(isOpen ? [] : ['401'])]) {
        const schema = responses[status]?.content['application/json']?.schema;
        expect(schema).toEqual({ $ref: '#/components/schemas/ErrorResponse' });
      }
    }
  });

  it('answers with the six keys everywhere', () => {
    const envelopes = Object.entries(submarine().components.schemas).filter(([name]) =>
      name.endsWith('Response'),
    );
    expect(envelopes.length).toBeGreaterThan(10);
    for (const [, { required }] of envelopes) {
      expect([...z.array(z.string()).parse(required)].sort()).toEqual([
        'attributes',
        'code',
        'message',
        'result',
        'status',
        'success',
      ]);
    }
  });

  it('makes no shared component nullable, and needs no wrapper class for a text', () => {
    for (const [name, schema] of Object.entries(submarine().components.schemas)) {
      expect([name, schema.type]).toEqual([name, name === 'ExperimentStatus' ? 'string' : 'object']);
    }
    const unions = [...(texts.get('submarine') ?? '').matchAll(/"anyOf": (\[[^\]]*\])/g)].map(([, union]) =>
      JSON.parse(union ?? ''),
    );
    for (const union of unions) expect(union).toEqual([{ $ref: expect.any(String) }, { type: 'null' }]);
  });

  it('shows the examples of the seed', () => {
    expect(texts.get('submarine')).toContain('"example": "experiment_1586156073228_0001"');
    expect(texts.get('submarine')).toContain('"example": "tf-mnist-json"');
  });
});
