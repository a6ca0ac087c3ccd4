import type { OpenApiDocument } from '../http/adapter.js';

/** A dialect's document under its name. */
export interface NamedDocument {
  readonly name: string;
  readonly document: OpenApiDocument;
}

const schemaReference = '#/components/schemas/';
const verbs = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The same document with every reference to a schema renamed; mappings of discriminators are references too. */
function renameReferences(value: Json, prefix: string): Json {
  if (typeof value === 'string') {
    return value.startsWith(schemaReference)
      ? schemaReference + prefix + value.slice(schemaReference.length)
      : value;
  }
  if (Array.isArray(value)) return value.map((item: Json) => renameReferences(item, prefix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, renameReferences(member, prefix)]),
  );
}

function renamed({ name, document }: NamedDocument): OpenApiDocument {
  const prefix = capital(name);
  const copy = renameReferences(
    JSON.parse(JSON.stringify(document)) as Json,
    prefix,
  ) as unknown as OpenApiDocument;
  for (const item of Object.values(copy.paths ?? {})) {
    for (const verb of verbs) {
      const operation = item[verb];
      if (operation === undefined) continue;
      if (operation.operationId !== undefined) operation.operationId = name + capital(operation.operationId);
      operation.tags = operation.tags?.map((tag) => `${prefix} ${tag}`) ?? [prefix];
    }
  }
  const schemas = Object.entries(copy.components?.schemas ?? {});
  return {
    ...copy,
    components: {
      ...copy.components,
      schemas: Object.fromEntries(schemas.map(([schema, content]) => [prefix + schema, content])),
    },
  };
}

/**
 * One document of all dialects. Names of schemas, operations and tags get the dialect's name in front,
 * since each dialect has an experiment of its own. Where two dialects describe the same operation of
 * the same path, the first stands.
 */
export function mergeDocuments(
  info: OpenApiDocument['info'],
  documents: readonly NamedDocument[],
): OpenApiDocument {
  const merged = { paths: {}, schemas: {}, securitySchemes: {} } satisfies Record<string, object>;
  for (const { paths, components } of documents.map(renamed)) {
    const known: NonNullable<OpenApiDocument['paths']> = merged.paths;
    for (const [path, item] of Object.entries(paths ?? {})) known[path] = { ...item, ...known[path] };
    Object.assign(merged.schemas, components?.schemas);
    Object.assign(merged.securitySchemes, components?.securitySchemes);
  }
  const { paths, ...components } = merged;
  return { openapi: '3.1.0', info, servers: [{ url: '/' }], paths, components };
}
