import { describe, expect, it } from 'vitest';
import { mergeDocuments } from '../../src/gateway/merge-documents.js';
import type { OpenApiDocument } from '../../src/http/adapter.js';

function documentOf(path: string, summary: string): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: { title: summary, version: '1' },
    paths: {
      [path]: {
        get: {
          operationId: 'getRun',
          tags: ['run'],
          summary,
          responses: {
            200: {
              description: 'x',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Run' } } },
            },
          },
        },
      },
    },
    components: {
      schemas: {
        Run: { type: 'object', properties: { child: { $ref: '#/components/schemas/Child' } } },
        Child: {
          oneOf: [{ $ref: '#/components/schemas/Run' }],
          discriminator: { propertyName: 'kind', mapping: { run: '#/components/schemas/Run' } },
        },
      },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

const merged = mergeDocuments({ title: 'All', version: '2' }, [
  { name: 'first', document: documentOf('/a', 'of the first') },
  { name: 'second', document: documentOf('/b', 'of the second') },
  { name: 'third', document: documentOf('/a', 'of the third') },
]);

describe('mergeDocuments', () => {
  it('keeps equal names of dialects apart', () => {
    expect(Object.keys(merged.components?.schemas ?? {})).toEqual([
      'FirstRun',
      'FirstChild',
      'SecondRun',
      'SecondChild',
      'ThirdRun',
      'ThirdChild',
    ]);
    expect(merged.paths?.['/b']?.get).toMatchObject({ operationId: 'secondGetRun', tags: ['Second run'] });
  });

  it('leaves no reference without its schema', () => {
    const references = JSON.stringify(merged).match(/#\/components\/schemas\/(\w+)/g) ?? [];
    expect(references.length).toBeGreaterThan(9);
    for (const reference of references) {
      expect(merged.components?.schemas).toHaveProperty(reference.split('/').at(-1) ?? '');
    }
  });

  it('lets the first dialect describe a path that two have', () => {
    expect(merged.paths?.['/a']?.get?.summary).toBe('of the first');
  });

  it('does not change what it is given', () => {
    const document = documentOf('/a', 'x');
    mergeDocuments({ title: 'All', version: '2' }, [{ name: 'first', document }]);
    expect(document).toEqual(documentOf('/a', 'x'));
  });
});
