import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

/** Which column each field of a patch is stored in. */
type PatchColumns<Patch> = Readonly<Record<keyof Patch & string, string>>;

/** An update of what a patch names and nothing else. */
export interface PatchStatement<Patch, P, R> {
  first(session: Session, patch: Patch, parameters: P): Promise<R | undefined>;
}

type Parameters = Readonly<Record<string, unknown>>;

/**
 * Prepares the updates by patches of one kind: each set of fields that the services use is compiled
 * once. `build` gets the columns to set, and `given` as `prepare` does.
 */
export function preparePatch<Patch extends object, P extends object>(columns: PatchColumns<Patch>) {
  return <R>(
    build: (
      db: Kysely<Database>,
      changes: Record<string, RawBuilder<never>>,
      given: Givens<P>,
    ) => Compilable<R>,
  ): PatchStatement<Patch, P, R> => {
    const byFields = new Map<string, ReturnType<typeof statementFor>>();
    const statementFor = (names: readonly string[]) =>
      prepare<Parameters>()(({ db }, given) => {
        const changes = Object.fromEntries(names.map((name) => [name, sql<never>`${given[changed(name)]}`]));
        return build(db, changes, given as unknown as Givens<P>);
      });
    return {
      async first(session, patch, parameters) {
        const changes = changesOf(columns, patch);
        const names = Object.keys(changes);
        const fields = names.join(' ');
        const statement = byFields.get(fields) ?? statementFor(names);
        byFields.set(fields, statement);
        const renamed = names.map((name) => [changed(name), changes[name]]);
        return statement.first(session, { ...parameters, ...Object.fromEntries(renamed) });
      },
    };
  };
}

type Givens<P> = { readonly [K in keyof P]-?: RawBuilder<P[K]> };

/** The parameter of a changed column: apart from those that say which row it is. */
function changed(column: string): string {
  return `new ${column}`;
}

/** The changed columns as they are stored: truth values as 0 and 1, documents as JSON. */
function changesOf<Patch extends object>(
  columns: PatchColumns<Patch>,
  patch: Patch,
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const [field, column] of Object.entries<string>(columns)) {
    const value: unknown = patch[field as keyof Patch];
    if (value !== undefined) changes[column] = stored(value);
  }
  return changes;
}

function stored(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
