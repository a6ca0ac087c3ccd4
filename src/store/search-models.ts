import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { LoggedModelScope, LoggedModelSearch } from '../core/ports/index.js';
import type { LoggedModelAttributeName, LoggedModelField } from '../core/query.js';
import type { Lifecycle } from '../core/stage.js';
import type { Database } from './schema.js';
import { countRows, type RowPage, type RowScope, searchRows } from './search.js';
import {
  hasKey,
  joinedOperand,
  type Operand,
  optional,
  type Place,
  pointOperand,
  present,
  rankOperand,
  type SearchKind,
  tagPlace,
} from './search-place.js';
import { isOneOf } from './search-scope.js';
import type { Session } from './statement.js';

/** Every attribute as an expression over the row of a model. */
const attributes: Readonly<Record<LoggedModelAttributeName, Operand>> = {
  id: { expression: sql`logged_model.id`, type: 'text', ...present },
  idHex: { expression: sql`replace(logged_model.id, '-', '')`, type: 'text', ...present },
  key: { expression: sql`logged_model."key"`, type: 'integer', ...present },
  name: {
    expression: sql`logged_model.name`,
    type: 'text',
    indexedHead: sql`substr(logged_model.name, 1, 100)`,
    ...present,
  },
  projectKey: { expression: sql`logged_model.project_key`, type: 'integer', ...present },
  projectNumber: {
    expression: sql`(select number from project where project."key" = logged_model.project_key)`,
    type: 'integer',
    ...present,
  },
  sourceRef: {
    expression: sql`logged_model.source_ref`,
    type: 'text',
    indexedHead: sql`substr(logged_model.source_ref, 1, 100)`,
    ...optional,
  },
  status: { expression: sql`logged_model.status`, type: 'text', ...present },
  statusMessage: { expression: sql`logged_model.status_message`, type: 'text', ...optional },
  modelType: { expression: sql`logged_model.model_type`, type: 'text', ...optional },
  createdBy: { expression: sql`logged_model.created_by_name`, type: 'text', ...present },
  createdAt: { expression: sql`logged_model.created_at`, type: 'integer', ...present },
  updatedAt: { expression: sql`logged_model.updated_at`, type: 'integer', ...present },
};

const paramOperand: Operand = {
  expression: sql`part.text`,
  type: 'text',
  indexedHead: sql`substr(part.text, 1, 100)`,
  ...present,
};

const pointOfPart = pointOperand(sql`part.value`, sql`part.kind`);

/** How logged models are searched. */
const searchedModels: SearchKind<LoggedModelField> = {
  table: 'logged_model',
  owner: 'model_key',
  placeOf(_engine, field) {
    switch (field.kind) {
      case 'attribute':
        return { operand: attributes[field.name], rows: null };
      case 'joined':
        return { operand: joinedOperand(field.pieces, attributes), rows: null };
      case 'rank':
        return { operand: rankOperand(attributes[field.name], field.groups), rows: null };
      case 'param':
        return {
          operand: paramOperand,
          rows: { from: sql`logged_model_param as part`, where: hasKey(field.key) },
        };
      case 'tag':
        return tagPlace('logged_model_tag', field.key);
      case 'measurement':
        return {
          operand: pointOfPart,
          rows: { from: sql`model_measurement as part`, where: isMeasuredBy('part', field) },
        };
      case 'latestMeasurement':
        return latestPlace(field);
    }
  },
};

type Measured = Pick<Extract<LoggedModelField, { readonly kind: 'measurement' }>, 'key' | 'datasets'>;

/** True for measurements of this metric on one of these datasets. */
function isMeasuredBy(table: string, { key, datasets }: Measured): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  const conditions: RawBuilder<unknown>[] = [];
  if (key !== null) {
    conditions.push(sql`${column('key_id')} = (select id from metric_key where name = ${key})`);
  }
  if (datasets !== null) {
    const ways = datasets.map(({ name, digest }) =>
      digest === null
        ? sql`${column('dataset_name')} = ${name}`
        : sql`(${column('dataset_name')} = ${name} and ${column('dataset_digest')} = ${digest})`,
    );
    conditions.push(ways.length === 0 ? sql`1 = 0` : sql`(${sql.join(ways, sql` or `)})`);
  }
  return conditions.length === 0 ? sql`1 = 1` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** The latest of each dataset are kept; of those that are asked for, the latest. */
function latestPlace(field: Measured): Place {
  const from = sql`(select model_key, kind, value, row_number() over (partition by model_key
      order by timestamp_ms desc, timestamp_us desc, step desc, dataset_name, dataset_digest) as place
    from model_latest where ${isMeasuredBy('model_latest', field)}) as part`;
  return { operand: pointOfPart, rows: { from, where: sql<boolean>`part.place = 1` } };
}

/** One page of the models of a search. */
export function searchModels(
  session: Session,
  search: LoggedModelSearch,
): Promise<RowPage<Selectable<Database['logged_model']>>> {
  return searchRows(session, searchedModels, rowScope(session, search), search);
}

/** How many models there are of this search. */
export function countModels(session: Session, scope: LoggedModelScope): Promise<number> {
  return countRows(session, searchedModels, rowScope(session, scope));
}

const stages: Readonly<Record<Lifecycle, readonly RawBuilder<SqlBool>[]>> = {
  active: [sql`logged_model.deleted_at is null`],
  deleted: [sql`logged_model.deleted_at is not null`],
  any: [],
};

function rowScope(
  { engine }: Session,
  { projectKeys, lifecycle, filter }: LoggedModelScope,
): RowScope<LoggedModelField> {
  if (projectKeys.length === 0) return { where: null, filter };
  return { where: [isOneOf(engine, 'logged_model.project_key', projectKeys), ...stages[lifecycle]], filter };
}
