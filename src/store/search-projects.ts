import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ProjectScope, ProjectSearch } from '../core/ports/index.js';
import type { ProjectAttributeName, ProjectField } from '../core/query.js';
import { type ProjectRow, tagsColumn } from './project-rows.js';
import { countRows, type RowPage, type RowScope, searchRows } from './search.js';
import { labelPlace, type Operand, optional, present, type SearchKind, tagPlace } from './search-place.js';
import { isOneOf, stageIs } from './search-scope.js';
import type { Session } from './statement.js';

/** Every attribute as an expression over the row of a project. */
const attributes: Readonly<Record<ProjectAttributeName, Operand>> = {
  id: { expression: sql`project.id`, type: 'text', ...present },
  key: { expression: sql`project."key"`, type: 'integer', ...present },
  number: { expression: sql`project.number`, type: 'integer', ...present },
  name: { expression: sql`project.name`, type: 'text', ...present },
  description: { expression: sql`project.description`, type: 'text', ...optional },
  createdBy: { expression: sql`project.created_by_name`, type: 'text', ...present },
  createdAt: { expression: sql`project.created_at`, type: 'integer', ...present },
  updatedAt: { expression: sql`project.updated_at`, type: 'integer', ...present },
  deletedAt: { expression: sql`project.deleted_at`, type: 'integer', ...optional },
};

/** How projects are searched. */
const searchedProjects: SearchKind<ProjectField> = {
  table: 'project',
  owner: 'project_key',
  beside: (engine) => [tagsColumn(engine)],
  placeOf(_engine, field) {
    switch (field.kind) {
      case 'attribute':
        return { operand: attributes[field.name], rows: null };
      case 'tag':
        return tagPlace('project_tag', field.key);
      case 'label':
        return labelPlace('project_tag');
    }
  },
};

/** One page of the projects of a search. */
export function searchProjects(session: Session, search: ProjectSearch): Promise<RowPage<ProjectRow>> {
  return searchRows(session, searchedProjects, rowScope(session, search), search);
}

/** How many projects there are of this search. */
export function countProjects(session: Session, scope: ProjectScope): Promise<number> {
  return countRows(session, searchedProjects, rowScope(session, scope));
}

function rowScope({ engine }: Session, scope: ProjectScope): RowScope<ProjectField> {
  const { workspaceKey, projectKeys, publicOnly = false, lifecycle, filter } = scope;
  if (projectKeys?.length === 0) return { where: null, filter };
  const where: RawBuilder<SqlBool>[] = [
    sql`project.workspace_key = ${workspaceKey}`,
    ...stageIs('project', lifecycle),
  ];
  if (projectKeys !== undefined) where.push(isOneOf(engine, 'project.key', projectKeys));
  if (publicOnly) where.push(sql`project.is_public = 1`);
  return { where, filter };
}
