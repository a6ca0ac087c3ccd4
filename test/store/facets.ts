import { type Migration, Migrator, type MigratorProps } from 'kysely';
import { expect } from 'vitest';
import type { RunKey } from '../../src/core/ids.js';
import type { Store } from '../../src/core/ports/index.js';
import type { Engine } from '../../src/store/engine.js';
import { migrationsFor } from '../../src/store/migrations/index.js';

/** The schema before runs had facets. */
export async function migrateToTracking(engine: Engine, db: MigratorProps['db']): Promise<void> {
  const before = Object.entries<Migration>(migrationsFor(engine)).filter(([name]) => name < '0003');
  const migrator = new Migrator({ db, provider: { getMigrations: async () => Object.fromEntries(before) } });
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
}

const bodies = [
  { framework: 'tensorflow', roles: [{ env: [{ name: 'x', value: '"framework":"none" \0' }] }] },
  { roles: [], framework: null },
  { roles: [{ env: [{ name: 'x', value: '"framework":"none"' }] }], framework: 'pytorch' },
];
const codeRefs = [
  { commit: 'c0ffee', diff: '"commit":"none" it’s \n' },
  { diff: '"commit":"none"', commit: null },
  null,
];
const text = (value: unknown) => (value === null ? 'null' : `'${JSON.stringify(value)}'`);

/** A workspace, a project, and runs with the keys 1, 2, 3 and 4, the last without a spec. */
export const runsBeforeFacets = [
  "insert into workspace (key, name, created_at) values (1, 'root', 1)",
  `insert into project (key, id, workspace_key, number, name, slug, is_public, created_by_name,
    created_at, updated_at, extensions) values (1, 'p', 1, 0, 'Default', 'default', 0, 'a', 1, 1, '{}')`,
  ...[0, 1, 2, 3].map(
    (place) => `insert into run (key, id, workspace_key, project_key, number, created_by_name, managed,
      desired_state, status, attempt, created_at, updated_at, version, extensions, spec_revision, code_ref)
      values (${place + 1}, 'r${place + 1}', 1, 1, ${place + 1}, 'a', 1, 'running', 'succeeded', 1, 1, 1, 1,
        '{}', ${place < 3 ? 1 : 'null'}, ${text(codeRefs[place] ?? null)})`,
  ),
  ...bodies.map(
    (body, place) => `insert into run_spec (run_key, revision, source_dialect, source_media_type,
      source_text, body, created_at) values (${place + 1}, 1, 'x', 'text/plain', '', ${text(body)}, 1)`,
  ),
].join(';\n');

/** The runs have the framework of their specs, and are found by the commits of their code. */
export async function expectFacets(store: Store): Promise<void> {
  const runs = await store.read.runs.findMany([1, 2, 3, 4] as RunKey[]);
  const frameworks = [...runs.values()].sort((a, b) => a.key - b.key).map((run) => run.framework);
  expect(frameworks).toEqual(['tensorflow', null, 'pytorch', null]);
  const workspace = await store.read.accounts.findWorkspace('root');
  if (workspace === null) throw new Error('the workspace is there');
  const found = await store.read.runs.search({
    workspaceKey: workspace.key,
    lifecycle: 'any',
    filter: { kind: 'exists', field: { kind: 'attribute', name: 'codeCommit' } },
    order: [],
    limit: 10,
  });
  expect(found.runs.map((run) => run.codeRef?.commit)).toEqual(['c0ffee']);
}
