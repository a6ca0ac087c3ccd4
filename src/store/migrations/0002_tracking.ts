import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** Runs that report by themselves, runs made of others, projects that can be deleted, and bookmarks. */
export function tracking(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [...projects(columns), ...runs(columns), ...bookmarks(columns)]);
    },
  };
}

/** The name of a project that was deleted for good is free, though its row stays until its runs are gone. */
function projects({ key, text }: Columns): string[] {
  return [
    `alter table project add column tags ${text} not null default '[]'`,
    `alter table project add column purge_at ${key}`,
    'drop index project_name',
    'drop index project_slug',
    'create unique index project_name on project (workspace_key, name) where purge_at is null',
    'create unique index project_slug on project (workspace_key, slug) where purge_at is null',
  ];
}

function runs({ key, text }: Columns): string[] {
  return [
    `alter table run add column artifact_root ${text}`,
    `alter table run add column code_ref ${text}`,
    `alter table run add column archived_at ${key}`,
    'create index run_artifact_root on run (artifact_root) where artifact_root is not null',
    `alter table status_event add column details ${text}`,
  ];
}

function bookmarks({ key, table }: Columns): string[] {
  return [
    `create table run_bookmark (
      user_key ${key} not null references account (key) on delete cascade,
      run_key ${key} not null references run (key) on delete cascade,
      created_at ${key} not null,
      primary key (user_key, run_key)
    ) ${table}`,
    'create index run_bookmark_list on run_bookmark (user_key, created_at, run_key)',
    'create index run_bookmark_run on run_bookmark (run_key)',

    `create table project_bookmark (
      user_key ${key} not null references account (key) on delete cascade,
      project_key ${key} not null references project (key) on delete cascade,
      created_at ${key} not null,
      primary key (user_key, project_key)
    ) ${table}`,
    'create index project_bookmark_list on project_bookmark (user_key, created_at, project_key)',
    'create index project_bookmark_project on project_bookmark (project_key)',
  ];
}
