import { type Kysely, type Migration, sql } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** What projects are searched by, their tags above all; and the way to what is trashed. */
export function projectSearch(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, tables(columns));
      await moveTags(db);
      await executeAll(db, [
        'alter table project drop column tags',
        'create index project_list on project (workspace_key, created_at, key) where deleted_at is null',
        'create index run_trashed on run (project_key, deleted_at) where deleted_at is not null',
      ]);
    },
  };
}

/** As the tags of runs. */
function tables({ key, int, text, clustered }: Columns): string[] {
  return [
    `create table project_tag (
      project_key ${key} not null references project (key) on delete cascade,
      key ${text} not null,
      position ${int} not null,
      value ${text},
      primary key (project_key, key)
    ) ${clustered}`,
    'create index project_tag_position on project_tag (project_key, position)',
    'create index project_tag_value on project_tag (key, substr(value, 1, 100), project_key)',
  ];
}

interface StoredTag {
  readonly key: string;
  readonly value: string | null;
}

/** Not in SQL: JSON may hold characters that PostgreSQL does not read out of it. */
async function moveTags(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ key: number; tags: string }>`
    select key, tags from project where tags <> '[]'`.execute(db);
  for (const { key, tags } of rows) {
    const values = new Map<string, string | null>();
    for (const tag of JSON.parse(tags) as readonly StoredTag[]) {
      const name = storable(tag.key);
      if (!values.has(name)) values.set(name, tag.value === null ? null : storable(tag.value));
    }
    for (const [place, [name, value]] of [...values].entries()) {
      await sql`insert into project_tag (project_key, key, position, value)
        values (${key}, ${name}, ${place + 1}, ${value})`.execute(db);
    }
  }
}

/** No column holds NUL characters and halves of surrogate pairs, which JSON did. */
function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\ufffd');
}
