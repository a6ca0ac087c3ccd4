import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPolyaxonAdapter } from '../../../adapters/polyaxon/index.js';
import { logSockets } from '../../../adapters/polyaxon/routes/logs.js';
import { resourceSockets } from '../../../adapters/polyaxon/routes/resources.js';
import { formatDocument, openApiDocuments } from '../../../src/commands/openapi.js';
import { routes } from './harness.js';

const root = new URL('../../../', import.meta.url);
const fileOf = (name: string) => readFileSync(fileURLToPath(new URL(name, root)), 'utf8');

const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional(),
  responses: z.record(
    z.string(),
    z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).optional() }),
  ),
});
const document = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

let text: string;

beforeAll(async () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(fileOf('package.json')));
  const documents = await openApiDocuments([createPolyaxonAdapter], version);
  text = [...documents].map(([, one]) => formatDocument(one))[0] ?? '';
});

const paths = () => Object.entries(document.parse(JSON.parse(text)).paths);
const operations = () => paths().flatMap(([, path]) => Object.values(path));

/** The pages of TensorBoards, which are another program's. */
const isPage = (id: string) => /^(get|postTo|find)(Experiment|Project)Tensorboard$/.test(id);

describe('the document', () => {
  it('is the committed one; `npm run openapi` writes it', () => {
    expect(text).toBe(fileOf('openapi/polyaxon.json'));
  });

  it('has an operation for every route, socket and page, each with a name of its own', () => {
    const names = operations().map(({ operationId }) => operationId);
    const served = [...routes, ...Object.values(logSockets), ...Object.values(resourceSockets)].map(
      ({ operationId }) => operationId,
    );
    expect(names.filter((name) => !isPage(name)).sort()).toEqual(served.sort());
    expect(names.filter(isPage)).toHaveLength(6);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it('gives each operation one tag, and its errors one form', () => {
    for (const { operationId, tags, responses } of operations()) {
      expect([operationId, tags.length]).toEqual([operationId, 1]);
      for (const status of ['400', '404', '500']) {
        const schema = responses[status]?.content?.['application/json']?.schema;
        expect([operationId, schema]).toEqual([operationId, { $ref: '#/components/schemas/PolyaxonError' }]);
      }
    }
  });

  it('declares every parameter of every path', () => {
    for (const [path, methods] of paths()) {
      const names = [...path.matchAll(/\{(\w+)/g)].map(([, name]) => name).sort();
      for (const { parameters = [] } of Object.values(methods)) {
        const declared = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        expect([path, declared.sort()]).toEqual([path, names]);
      }
    }
  });
});
