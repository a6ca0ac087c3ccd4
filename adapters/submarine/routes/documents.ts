import type { z } from '@hono/zod-openapi';
import { invalid } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type {
  DocumentInput,
  DocumentVerbs,
  NamedDocument,
} from '../../../src/services/documents/documents.js';
import { succeeded } from '../wire/envelope.js';
import { mediaTypes, nameParams } from './common.js';

/** How one kind of named document is spoken of. */
export interface DocumentWords<Sent> {
  readonly path: string;
  readonly tag: string;
  /** With its article, as in `an environment`. */
  readonly one: string;
  readonly many: string;
  readonly operationIds: Readonly<Record<'create' | 'list' | 'get' | 'patch' | 'delete', string>>;
  readonly input: z.ZodType<Sent>;
  readonly response: z.ZodType;
  readonly listResponse: z.ZodType;
}

/** The five routes of a kind of named document, as documented and served. */
export function documentRoutes<Sent>(words: DocumentWords<Sent>) {
  const { path, tag, one, many, operationIds } = words;
  const named = `${path}/{name}`;
  const body = { schema: words.input.optional(), mediaTypes };
  const answers = { 200: { description: `The ${one.replace(/^an? /, '')}.`, schema: words.response } };
  const list = { description: 'In the order in which they were stored.', schema: words.listResponse };
  const common = { tag, answers } as const;
  return {
    create: {
      ...common,
      method: 'post',
      path,
      operationId: operationIds.create,
      summary: `Store ${one}`,
      body,
    },
    list: {
      tag,
      method: 'get',
      path,
      operationId: operationIds.list,
      summary: `List ${many}`,
      answers: { 200: list },
    },
    get: {
      ...common,
      method: 'get',
      path: named,
      operationId: operationIds.get,
      summary: `Get ${one}`,
      params: nameParams,
    },
    patch: {
      ...common,
      method: 'patch',
      path: named,
      operationId: operationIds.patch,
      summary: `Replace ${one}`,
      params: nameParams,
      body,
    },
    delete: {
      ...common,
      method: 'delete',
      path: named,
      operationId: operationIds.delete,
      summary: `Delete ${one}`,
      params: nameParams,
    },
  } as const;
}

/** What the routes of a kind of named document do. */
export interface DocumentHandling<T extends NamedDocument, Sent> {
  readonly verbs: DocumentVerbs<T>;
  readonly toCore: (sent: Sent) => DocumentInput<T>;
  readonly fromCore: (stored: T, storeCreatedAtMs: number) => unknown;
  /** What is said of an empty body. */
  readonly emptySpec: string;
}

/** Adds the five routes. */
export function addDocumentRoutes<T extends NamedDocument, Sent>(
  { add, answer }: DialectApp,
  routes: ReturnType<typeof documentRoutes<Sent>>,
  { verbs, toCore, fromCore, emptySpec }: DocumentHandling<T, Sent>,
): void {
  function given(sent: Sent | undefined): Sent {
    if (sent === undefined) throw invalid('', emptySpec);
    return sent;
  }

  add(routes.create, async ({ body }, ctx, c) => {
    const stored = await verbs.create(ctx, toCore(given(body)));
    return answer(c, succeeded(fromCore(stored, ctx.ports.store.createdAtMs)));
  });

  add(routes.list, async (_input, ctx, c) => {
    const stored = await verbs.list(ctx);
    return answer(c, succeeded(stored.map((one) => fromCore(one, ctx.ports.store.createdAtMs))));
  });

  add(routes.get, async ({ params }, ctx, c) => {
    const stored = await verbs.get(ctx, params.name);
    return answer(c, succeeded(fromCore(stored, ctx.ports.store.createdAtMs)));
  });

  add(routes.patch, async ({ params, body }, ctx, c) => {
    // What is not there is said before what is wrong with the body.
    await verbs.get(ctx, params.name);
    const stored = await verbs.replace(ctx, params.name, toCore(given(body)));
    return answer(c, succeeded(fromCore(stored, ctx.ports.store.createdAtMs)));
  });

  add(routes.delete, async ({ params }, ctx, c) => {
    const deleted = await verbs.delete(ctx, params.name);
    return answer(c, succeeded(fromCore(deleted, ctx.ports.store.createdAtMs)));
  });
}
