import { type Migration, Migrator, type MigratorProps } from 'kysely';
import { expect } from 'vitest';
import type { ProjectKey } from '../../src/core/ids.js';
import type { Store } from '../../src/core/ports/index.js';
import type { Engine } from '../../src/store/engine.js';
import { migrationsFor } from '../../src/store/migrations/index.js';

/** The schema before the tags of projects had a table. */
export async function migrateToTagLists(engine: Engine, db: MigratorProps['db']): Promise<void> {
  const before = Object.entries<Migration>(migrationsFor(engine)).filter(([name]) => name < '0007');
  const migrator = new Migrator({ db, provider: { getMigrations: async () => Object.fromEntries(before) } });
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
}

const lists = [
  [],
  [
    { key: 'z', value: null },
    { key: 'it’s "k" \ud83e\udd86', value: 'a=b' },
    { key: 'z', value: 'a key has one tag' },
    { key: 'a\0', value: '\ud800' },
  ],
];

/** A workspace, and a project with the key 1 for each list of tags. */
export const projectsWithTagLists = [
  "insert into workspace (key, name, created_at) values (1, 'root', 1)",
  ...lists.map(
    (tags, place) => `insert into project (key, id, workspace_key, number, name, slug, is_public,
      created_by_name, created_at, updated_at, extensions, tags) values
      (${place + 1}, 'p${place}', 1, ${place}, 'P${place}', 'p${place}', 0, 'a', 1, 1, '{}',
        '${JSON.stringify(tags)}')`,
  ),
].join(';\n');

/** The projects have their tags, each key once; what no column holds is replaced. */
export async function expectProjectTags(store: Store): Promise<void> {
  const tags = [];
  for (const key of [1, 2] as ProjectKey[]) tags.push((await store.read.projects.find(key))?.tags);
  expect(tags).toEqual([
    [],
    [
      { key: 'z', value: null },
      { key: 'it’s "k" \ud83e\udd86', value: 'a=b' },
      { key: 'a\ufffd', value: '\ufffd' },
    ],
  ]);
}
