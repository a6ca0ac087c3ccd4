import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMlflowAdapter } from '../../../adapters/mlflow/index.js';
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
    z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).optional() }),
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
  const documents = await openApiDocuments([createMlflowAdapter], version);
  texts = new Map([...documents].map(([name, one]) => [name, formatDocument(one)]));
});

const mlflow = () => document.parse(JSON.parse(texts.get('mlflow') ?? ''));
const operations = () => Object.values(mlflow().paths).flatMap((path) => Object.values(path));

describe('the document', () => {
  it('is the committed one; `npm run openapi` writes it', () => {
    expect(texts.get('mlflow')).toBe(fileOf('openapi/mlflow.json'));
  });

  it('has an operation for every route, each with a name of its own', () => {
    const names = operations().map(({ operationId }) => operationId);
    expect([...names].sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it('gives each operation one tag, and its errors the envelope of its face', () => {
    for (const { operationId, tags, security, responses } of operations()) {
      expect(tags).toHaveLength(1);
      const isOpen = ['getVersion', 'getServerInfo'].includes(operationId);
      expect(security).toHaveLength(isOpen ? 0 : 2);
      for (const status of ['400', '404', '500', ...(isOpen ? [] : ['401'])]) {
        const schema = responses[status]?.content?.['application/json']?.schema;
        const face = operationId.includes('Tracked') ? 'ErrorResponse' : 'MlflowError';
        expect(schema).toEqual({ $ref: `#/components/schemas/${face}` });
      }
    }
  });

  it('needs no wrapper class for a text, a number or a list', () => {
    const unions = [...(texts.get('mlflow') ?? '').matchAll(/"(?:anyOf|oneOf)": (\[[^\]]*\])/g)];
    expect(unions.map(([, union]) => union)).toEqual([]);
  });
});
