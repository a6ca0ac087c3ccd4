import { type EntityName, notFound } from '../../core/errors.js';
import type { WorkspaceKey } from '../../core/ids.js';
import type { Environment, Template } from '../../core/model.js';
import type { DocumentRepository, Repositories } from '../../core/ports/index.js';
import type { Micros } from '../../core/time.js';
import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';

/** A named document of a workspace. */
export interface NamedDocument {
  readonly sequence: number;
  readonly workspaceKey: WorkspaceKey;
  readonly name: string;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

/** What a client says of a document: all but what the server gives it. */
export type DocumentInput<T extends NamedDocument> = Omit<
  T,
  'sequence' | 'workspaceKey' | 'createdAt' | 'updatedAt'
>;

/** What a client says of an environment. */
export type EnvironmentInput = DocumentInput<Environment>;
/** What a client says of a template. */
export type TemplateInput = DocumentInput<Template>;

/**
 * The verbs of one kind of document. Every verb may throw CoreError `forbidden`; those that name a
 * document `not_found`; those that give it a name `already_exists`.
 */
export interface DocumentVerbs<T extends NamedDocument> {
  create(ctx: Context, input: DocumentInput<T>): Promise<T>;
  get(ctx: Context, name: string): Promise<T>;
  /** In the order in which they were created. */
  list(ctx: Context): Promise<readonly T[]>;
  /** Replaces the whole document, which keeps its place and its ids; runs made from it stay as they were. */
  replace(ctx: Context, name: string, input: DocumentInput<T>): Promise<T>;
  /** Gives back the document as it was. */
  delete(ctx: Context, name: string): Promise<T>;
}

function documentVerbs<T extends NamedDocument>(
  entity: EntityName,
  of: (repositories: Repositories) => DocumentRepository<T>,
): DocumentVerbs<T> {
  async function find(repositories: Repositories, ctx: Context, name: string): Promise<T> {
    const found = await of(repositories).find(ctx.workspace.key, name);
    if (found === null) throw notFound(entity);
    return found;
  }

  return {
    async create(ctx, input) {
      await requireRole(ctx, 'writer');
      const { store, clock } = ctx.ports;
      const fields = { ...input, workspaceKey: ctx.workspace.key, createdAt: clock.now() };
      return store.transaction((tx) => of(tx).insert(fields as unknown as Omit<T, 'sequence' | 'updatedAt'>));
    },
    async get(ctx, name) {
      await requireRole(ctx, 'reader');
      return find(ctx.ports.store.read, ctx, name);
    },
    async list(ctx) {
      await requireRole(ctx, 'reader');
      return of(ctx.ports.store.read).list(ctx.workspace.key);
    },
    async replace(ctx, name, input) {
      await requireRole(ctx, 'writer');
      const { store, clock } = ctx.ports;
      return store.transaction(async (tx) => {
        const found = await find(tx, ctx, name);
        return of(tx).replace({ ...found, ...input, updatedAt: clock.now() });
      });
    },
    async delete(ctx, name) {
      await requireRole(ctx, 'writer');
      return ctx.ports.store.transaction(async (tx) => {
        const found = await find(tx, ctx, name);
        await of(tx).remove(ctx.workspace.key, name);
        return found;
      });
    },
  };
}

/** What can be done with environments. */
export const environments: DocumentVerbs<Environment> = documentVerbs(
  'environment',
  (all) => all.environments,
);

/** What can be done with templates. */
export const templates: DocumentVerbs<Template> = documentVerbs('template', (all) => all.templates);
