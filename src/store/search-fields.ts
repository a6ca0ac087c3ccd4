import { sql } from 'kysely';
import type { AttributeName, DatasetPart, Field, MetricPart } from '../core/query.js';
import { type Engine, textIn } from './engine.js';
import {
  hasKey,
  joinedOperand,
  keyOperand,
  labelPlace,
  type Operand,
  optional,
  type Place,
  pointOperand,
  present,
  rankOperand,
  type SearchKind,
  tagPlace,
} from './search-place.js';

/** Every attribute as an expression over the row of a run. */
const attributesOf = (engine: Engine): Readonly<Record<AttributeName, Operand>> => ({
  id: { expression: sql`run.id`, type: 'text', ...present },
  idHex: { expression: sql`replace(run.id, '-', '')`, type: 'text', ...present },
  key: { expression: sql`run."key"`, type: 'integer', ...present },
  number: { expression: sql`run.number`, type: 'integer', ...present },
  attempt: { expression: sql`run.attempt`, type: 'integer', ...present },
  name: { expression: sql`run.name`, type: 'text', ...optional },
  shownName: {
    expression: sql`coalesce(run.name, 'run-' || cast(run.number as text))`,
    type: 'text',
    ...present,
  },
  description: { expression: sql`run.description`, type: 'text', ...optional },
  status: { expression: sql`run.status`, type: 'text', ...present },
  why: {
    expression: sql`(case
      when run.status_reason is null or replace(run.status_message, run.status_reason, '') <> run.status_message
        then nullif(run.status_message, '')
      when coalesce(run.status_message, '') = '' then run.status_reason
      else run.status_reason || ': ' || run.status_message end)`,
    type: 'text',
    ...optional,
  },
  statusBeforeStopping: {
    expression: sql`(case when run.status = 'stopping' then
      (select status from status_event where run_key = run."key" and job_key is null
        and attempt = run.attempt and effective = 1 and status <> 'stopping'
        order by seq desc limit 1) end)`,
    type: 'text',
    ...optional,
  },
  managed: { expression: sql`run.managed`, type: 'boolean', ...present },
  createdBy: { expression: sql`run.created_by_name`, type: 'text', ...present },
  createdByKey: { expression: sql`run.created_by_key`, type: 'integer', ...optional },
  projectKey: { expression: sql`run.project_key`, type: 'integer', ...present },
  projectNumber: {
    expression: sql`(select number from project where project."key" = run.project_key)`,
    type: 'integer',
    ...present,
  },
  projectName: {
    expression: sql`(select name from project where project."key" = run.project_key)`,
    type: 'text',
    ...present,
  },
  projectSlug: {
    expression: sql`(select slug from project where project."key" = run.project_key)`,
    type: 'text',
    ...present,
  },
  originKey: { expression: sql`run.origin_key`, type: 'integer', ...optional },
  originId: {
    expression: sql`(select id from run as origin where origin."key" = run.origin_key)`,
    type: 'text',
    ...optional,
  },
  originHex: {
    expression: sql`(select replace(origin.id, '-', '') from run as origin where origin."key" = run.origin_key)`,
    type: 'text',
    ...optional,
  },
  originKind: { expression: sql`run.origin_kind`, type: 'text', ...optional },
  parentKey: { expression: sql`run.parent_key`, type: 'integer', ...optional },
  parentId: {
    expression: sql`(select id from run as parent where parent."key" = run.parent_key)`,
    type: 'text',
    equals: (id) => sql`(run."key" in (select child."key" from run as child
      where child.parent_key = (select parent."key" from run as parent where parent.id = ${id})))`,
    ...optional,
  },
  parentRef: { expression: sql`run.parent_ref`, type: 'text', ...optional },
  parentName: {
    expression: sql`coalesce(
      (select replace(parent.id, '-', '') from run as parent where parent."key" = run.parent_key),
      run.parent_ref)`,
    type: 'text',
    ...optional,
  },
  framework: { expression: sql`run.framework`, type: 'text', ...optional },
  backend: { expression: sql`run.backend`, type: 'text', ...optional },
  groupRef: {
    expression: sql`run.group_ref`,
    type: 'text',
    indexedHead: sql`substr(run.group_ref, 1, 100)`,
    ...optional,
  },
  buildRef: {
    expression: sql`run.build_ref`,
    type: 'text',
    indexedHead: sql`substr(run.build_ref, 1, 100)`,
    ...optional,
  },
  codeCommit: {
    expression: sql`run.code_commit`,
    type: 'text',
    indexedHead: sql`substr(run.code_commit, 1, 100)`,
    ...optional,
  },
  codeBranch: { expression: textIn(engine, sql`run.code_ref`, ['branch']), type: 'text', ...optional },
  codeUrl: { expression: textIn(engine, sql`run.code_ref`, ['url']), type: 'text', ...optional },
  createdAt: { expression: sql`run.created_at`, type: 'integer', ...present },
  updatedAt: { expression: sql`run.updated_at`, type: 'integer', ...present },
  startedAt: { expression: sql`run.started_at`, type: 'integer', ...optional },
  beganAt: { expression: sql`coalesce(run.started_at, run.created_at)`, type: 'integer', ...present },
  finishedAt: { expression: sql`run.finished_at`, type: 'integer', ...optional },
  archivedAt: { expression: sql`run.archived_at`, type: 'integer', ...optional },
});

const attributes = {
  sqlite: attributesOf('sqlite'),
  postgres: attributesOf('postgres'),
} as const satisfies Record<Engine, unknown>;

const parts: Readonly<Record<MetricPart, Operand>> = {
  last: pointOperand(sql`part.last_value`, sql`part.last_kind`),
  min: { expression: sql`part.min`, type: 'number', ...optional },
  max: { expression: sql`part.max`, type: 'number', ...optional },
  count: { expression: sql`cast(part.count as double precision)`, type: 'number', ...present },
  finite: { expression: sql`cast(part.finite as double precision)`, type: 'number', ...present },
};

/** How runs are searched. */
export const searchedRuns: SearchKind<Field> = { table: 'run', owner: 'run_key', placeOf };

type ExtensionField = Extract<Field, { readonly kind: 'extension' }>;

function placeOf(engine: Engine, field: Field): Place {
  switch (field.kind) {
    case 'attribute':
      return { operand: attributes[engine][field.name], rows: null };
    case 'extension':
      return { operand: extensionOperand(engine, field), rows: null };
    case 'joined':
      return { operand: joinedOperand(field.pieces, attributes[engine]), rows: null };
    case 'rank':
      return { operand: rankOperand(attributes[engine][field.name], field.groups), rows: null };
    case 'param':
      return {
        operand: paramOperands[field.as],
        rows: { from: sql`param as part`, where: hasKey(field.key) },
      };
    case 'metric': {
      const where = sql<boolean>`part.key_id = (select id from metric_key where name = ${field.key})`;
      return { operand: parts[field.part], rows: { from: sql`metric_summary as part`, where } };
    }
    case 'tag':
      return tagPlace('tag', field.key);
    case 'label':
      return labelPlace('tag');
    case 'paramName':
      return { operand: keyOperand, rows: { from: sql`param as part`, where: sql<boolean>`1 = 1` } };
    case 'metricName':
      return {
        operand: { expression: sql`metric_key.name`, type: 'text', ...present },
        rows: {
          from: sql`metric_summary as part inner join metric_key on metric_key.id = part.key_id`,
          where: sql<boolean>`1 = 1`,
        },
      };
    case 'dataset':
      return datasetPlace(field.part);
  }
}

function datasetPlace(part: DatasetPart): Place {
  const where = sql<boolean>`1 = 1`;
  if (part === 'context') return { operand: contextOperand, rows: { from: sql`run_input as part`, where } };
  return {
    operand: { expression: sql.ref(`dataset.${part}`), type: 'text', ...present },
    rows: {
      from: sql`run_input as part inner join dataset on dataset."key" = part.dataset_key`,
      where,
    },
  };
}

function extensionOperand(engine: Engine, { dialect, name, otherwise }: ExtensionField): Operand {
  const expression = textIn(engine, sql`run.extensions`, [dialect, name]);
  if (otherwise === undefined) return { expression, type: 'text', ...optional };
  return { expression: sql`coalesce(${expression}, ${otherwise})`, type: 'text', ...present };
}

const contextOperand: Operand = {
  expression: sql`part.context`,
  type: 'text',
  indexedHead: sql`substr(part.context, 1, 100)`,
  ...optional,
};

const paramOperands: Readonly<Record<'text' | 'number', Operand>> = {
  text: {
    expression: sql`part.text`,
    type: 'text',
    indexedHead: sql`substr(part.text, 1, 100)`,
    ...present,
  },
  number: { expression: sql`part.number`, type: 'number', ...optional },
};
