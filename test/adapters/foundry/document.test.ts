import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFoundryAdapter } from '../../../adapters/foundry/index.js';
import { formatDocument, openApiDocuments } from '../../../src/commands/openapi.js';
import { routes } from './harness.js';

const root = new URL('../../../', import.meta.url);
const fileOf = (name: string) => readFileSync(fileURLToPath(new URL(name, root)), 'utf8');

const operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() })),
  responses: z.record(
    z.string(),
    z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }),
  ),
});
const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

let text: string;

beforeAll(async () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(fileOf('package.json')));
  text =
    [...(await openApiDocuments([createFoundryAdapter], version))].map(([, one]) => formatDocument(one))[0] ??
    '';
});

const operations = () =>
  Object.values(document.parse(JSON.parse(text)).paths).flatMap((path) => Object.values(path));

describe('the document', () => {
  it('is the committed one; `npm run openapi` writes it', () => {
    expect(text).toBe(fileOf('openapi/foundry.json'));
  });

  it('has an operation for every route', () => {
    const names = operations().map(({ operationId }) => operationId);
    expect([...names].sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
    expect(names).toHaveLength(7);
  });

  it('asks every operation for the preview, and gives its errors one envelope', () => {
    for (const { operationId, tags, parameters, responses } of operations()) {
      expect([operationId, tags]).toEqual([operationId, ['Model']]);
      expect(parameters).toContainEqual(
        expect.objectContaining({ name: 'preview', in: 'query', required: true }),
      );
      for (const status of ['400', '401', '403', '404', '405', '500', '503'])
        expect(responses[status]?.content['application/json']?.schema).toEqual({
          $ref: '#/components/schemas/Error',
        });
    }
  });
});
