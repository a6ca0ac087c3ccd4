import type { Selectable } from 'kysely';
import { CoreError, notFound } from '../core/errors.js';
import type { WorkspaceKey } from '../core/ids.js';
import type { Environment, Template } from '../core/model.js';
import type { DocumentRepository } from '../core/ports/index.js';
import type { Database } from './schema.js';
import { prepare, type Session, type Statement } from './statement.js';

/** What is done with the rows of one of the tables of documents. */
interface DocumentStatements<Row> {
  readonly entity: 'environment' | 'template';
  readonly insert: Statement<Omit<Row, 'sequence'>, Row>;
  readonly select: Statement<{ workspaceKey: WorkspaceKey; name: string }, Row>;
  readonly selectAll: Statement<{ workspaceKey: WorkspaceKey }, Row>;
  readonly update: Statement<Row, Row>;
  readonly remove: Statement<{ workspaceKey: WorkspaceKey; name: string }, { sequence: number }>;
}

interface Mapping<T, Row> {
  toRow(document: Omit<T, 'sequence'>): Omit<Row, 'sequence'>;
  fromRow(row: Row): T;
}

type EnvironmentRow = Selectable<Database['environment']>;
type TemplateRow = Selectable<Database['template']>;

const environmentColumns = [
  'workspace_key',
  'name',
  'image',
  'docker_image',
  'description',
  'document',
  'created_at',
  'updated_at',
] as const;

const templateColumns = ['workspace_key', 'name', 'document', 'created_at', 'updated_at'] as const;

type Table = 'environment' | 'template';

function statementsOf<Row extends EnvironmentRow | TemplateRow>(
  table: Table,
  columns: readonly (keyof TemplateRow | keyof EnvironmentRow)[],
): DocumentStatements<Row> {
  const named = <V>(given: Record<string, V>) =>
    Object.fromEntries(columns.map((column) => [column, given[column]]));
  const statements = {
    entity: table,
    insert: prepare<Record<string, unknown>>()(({ db }, given) =>
      db
        .insertInto(table)
        .values(named(given) as never)
        .onConflict((conflict) => conflict.doNothing())
        .returningAll(),
    ),
    select: prepare<{ workspaceKey: WorkspaceKey; name: string }>()(({ db }, given) =>
      db
        .selectFrom(table)
        .selectAll()
        .where('workspace_key', '=', given.workspaceKey)
        .where('name', '=', given.name),
    ),
    selectAll: prepare<{ workspaceKey: WorkspaceKey }>()(({ db }, given) =>
      db.selectFrom(table).selectAll().where('workspace_key', '=', given.workspaceKey).orderBy('sequence'),
    ),
    update: prepare<Record<string, unknown>>()(({ db }, given) =>
      db
        .updateTable(table)
        .set(named(given) as never)
        .where('sequence', '=', given.sequence as never)
        .returningAll(),
    ),
    remove: prepare<{ workspaceKey: WorkspaceKey; name: string }>()(({ db }, given) =>
      db
        .deleteFrom(table)
        .where('workspace_key', '=', given.workspaceKey)
        .where('name', '=', given.name)
        .returning('sequence'),
    ),
  };
  // The columns are those of the table, which the types of two tables at once cannot say.
  return statements as unknown as DocumentStatements<Row>;
}

const environmentStatements = statementsOf<EnvironmentRow>('environment', environmentColumns);
const templateStatements = statementsOf<TemplateRow>('template', templateColumns);

const environmentMapping: Mapping<Environment, EnvironmentRow> = {
  toRow: (document) => ({
    workspace_key: document.workspaceKey,
    name: document.name,
    image: document.image,
    docker_image: document.dockerImage,
    description: document.description,
    document: JSON.stringify(document.document),
    created_at: document.createdAt,
    updated_at: document.updatedAt,
  }),
  fromRow: (row) => ({
    sequence: row.sequence,
    workspaceKey: row.workspace_key,
    name: row.name,
    image: row.image,
    dockerImage: row.docker_image,
    description: row.description,
    document: JSON.parse(row.document) as Environment['document'],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }),
};

const templateMapping: Mapping<Template, TemplateRow> = {
  toRow: (document) => ({
    workspace_key: document.workspaceKey,
    name: document.name,
    document: JSON.stringify(document.document),
    created_at: document.createdAt,
    updated_at: document.updatedAt,
  }),
  fromRow: (row) => ({
    sequence: row.sequence,
    workspaceKey: row.workspace_key,
    name: row.name,
    document: JSON.parse(row.document) as Template['document'],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }),
};

/** The environments of this session. */
export function createEnvironments(session: Session): DocumentRepository<Environment> {
  return createDocuments(session, environmentStatements, environmentMapping);
}

/** The templates of this session. */
export function createTemplates(session: Session): DocumentRepository<Template> {
  return createDocuments(session, templateStatements, templateMapping);
}

function createDocuments<T extends Environment | Template, Row extends { sequence: number }>(
  session: Session,
  statements: DocumentStatements<Row>,
  { toRow, fromRow }: Mapping<T, Row>,
): DocumentRepository<T> {
  const { entity } = statements;
  const taken = (name: string): CoreError =>
    new CoreError({ code: 'already_exists', entity }, `there is a ${entity} of the name ${name} already`);
  return {
    async insert(input) {
      const document = { ...input, updatedAt: input.createdAt } as unknown as Omit<T, 'sequence'>;
      const row = await statements.insert.first(session, toRow(document));
      if (row === undefined) throw taken(input.name);
      return fromRow(row);
    },
    async find(workspaceKey, name) {
      const row = await statements.select.first(session, { workspaceKey, name });
      return row === undefined ? null : fromRow(row);
    },
    async list(workspaceKey) {
      return (await statements.selectAll.all(session, { workspaceKey })).map(fromRow);
    },
    async replace(document) {
      const { sequence, workspaceKey, name } = document;
      const holder = await statements.select.first(session, { workspaceKey, name });
      if (holder !== undefined && holder.sequence !== sequence) throw taken(name);
      const row = await statements.update.first(session, { ...toRow(document), sequence } as Row);
      if (row === undefined) throw notFound(entity);
      return fromRow(row);
    },
    async remove(workspaceKey, name) {
      return (await statements.remove.first(session, { workspaceKey, name })) !== undefined;
    },
  };
}
