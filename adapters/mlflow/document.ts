import type { OpenApiDocument } from '../../src/http/adapter.js';

/** One document of two that share neither a path nor the name of a schema or an operation. */
export function joinDocuments(first: OpenApiDocument, second: OpenApiDocument): OpenApiDocument {
  return {
    ...first,
    paths: { ...first.paths, ...second.paths },
    components: {
      ...first.components,
      schemas: { ...first.components?.schemas, ...second.components?.schemas },
    },
  };
}
