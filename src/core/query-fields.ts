import type { DatasetName } from './logged-model.js';
import type { DialectName } from './spec.js';

/** What the attributes of a run hold. Times are in microseconds. */
export const attributeTypes = {
  id: 'text',
  /** The id as 32 hex digits, without dashes. */
  idHex: 'text',
  key: 'integer',
  number: 'integer',
  attempt: 'integer',
  name: 'text',
  /** `name`, or where there is none, `run-<number>`. */
  shownName: 'text',
  description: 'text',
  status: 'text',
  /** Why the run is in its status, as `whyOf` has it; a run of which nothing is told has none. */
  why: 'text',
  /** The last status before `stopping` of its attempt; a run that is not stopping has none. */
  statusBeforeStopping: 'text',
  managed: 'boolean',
  createdBy: 'text',
  createdByKey: 'integer',
  projectKey: 'integer',
  projectNumber: 'integer',
  projectName: 'text',
  projectSlug: 'text',
  originKey: 'integer',
  originId: 'text',
  originHex: 'text',
  originKind: 'text',
  parentKey: 'integer',
  parentId: 'text',
  /** What was given as the parent's id and named no run. */
  parentRef: 'text',
  /** The parent's id as 32 hex digits, else `parentRef`. */
  parentName: 'text',
  framework: 'text',
  backend: 'text',
  groupRef: 'text',
  buildRef: 'text',
  codeCommit: 'text',
  codeBranch: 'text',
  codeUrl: 'text',
  createdAt: 'integer',
  updatedAt: 'integer',
  startedAt: 'integer',
  /** `startedAt`, or where there is none, `createdAt`. */
  beganAt: 'integer',
  finishedAt: 'integer',
  archivedAt: 'integer',
} as const satisfies Record<string, FieldType>;

/** How the values of a field compare. An `integer` is one that JavaScript holds exactly. */
export type FieldType = 'text' | 'integer' | 'number' | 'boolean';

export type AttributeName = keyof typeof attributeTypes;

/** What the attributes of a project hold. */
export const projectAttributeTypes = {
  id: 'text',
  key: 'integer',
  number: 'integer',
  name: 'text',
  description: 'text',
  createdBy: 'text',
  createdAt: 'integer',
  updatedAt: 'integer',
  deletedAt: 'integer',
} as const satisfies Record<string, FieldType>;

export type ProjectAttributeName = keyof typeof projectAttributeTypes;

/** What the attributes of a logged model hold. */
export const loggedModelAttributeTypes = {
  id: 'text',
  /** The id as 32 hex digits, without dashes. */
  idHex: 'text',
  key: 'integer',
  name: 'text',
  projectKey: 'integer',
  projectNumber: 'integer',
  sourceRef: 'text',
  status: 'text',
  statusMessage: 'text',
  modelType: 'text',
  createdBy: 'text',
  createdAt: 'integer',
  updatedAt: 'integer',
} as const satisfies Record<string, FieldType>;

export type LoggedModelAttributeName = keyof typeof loggedModelAttributeTypes;

/** The attributes of all: what has one name in several is of one type. */
const anyAttributeTypes: typeof attributeTypes &
  typeof projectAttributeTypes &
  typeof loggedModelAttributeTypes = {
  ...attributeTypes,
  ...projectAttributeTypes,
  ...loggedModelAttributeTypes,
};

/** `last` has NaN and infinities; `min` and `max` have no NaN; `count` counts all points, `finite` the finite ones. */
export type MetricPart = 'last' | 'min' | 'max' | 'count' | 'finite';

/** What of a run is tested. */
export type Field =
  | { readonly kind: 'attribute'; readonly name: AttributeName }
  /** A text that a dialect keeps of a run beside the neutral fields; both names are words. */
  | {
      readonly kind: 'extension';
      readonly dialect: DialectName;
      readonly name: string;
      /** What counts for a run without it. */
      readonly otherwise?: string;
    }
  /** A text made of fixed pieces and attributes, such as an address with an id in it. */
  | { readonly kind: 'joined'; readonly pieces: readonly JoinedPiece[] }
  /** The place, from 0, of the group that has the value of the attribute; a value that is in none has none. */
  | { readonly kind: 'rank'; readonly name: AttributeName; readonly groups: readonly (readonly string[])[] }
  /** As a number, a param whose text stands for none is not there. */
  | { readonly kind: 'param'; readonly key: string; readonly as: 'text' | 'number' }
  | { readonly kind: 'metric'; readonly key: string; readonly part: MetricPart }
  /** The value of a tag; a label's is the empty text. */
  | { readonly kind: 'tag'; readonly key: string }
  /** The labels: tags without a value. */
  | { readonly kind: 'label' }
  /** The names of the params, and of the metrics. */
  | { readonly kind: 'paramName' | 'metricName' }
  /** Of the datasets that it uses; a use of which no context is said has none. */
  | { readonly kind: 'dataset'; readonly part: DatasetPart };

export type DatasetPart = 'name' | 'digest' | 'context';

/** A text as it is, or an attribute that every run has. */
export type JoinedPiece = string | { readonly attribute: 'idHex' | 'projectNumber' };

/** What of a project is tested; tags and labels are as those of runs. */
export type ProjectField =
  | { readonly kind: 'attribute'; readonly name: ProjectAttributeName }
  | { readonly kind: 'tag'; readonly key: string }
  | { readonly kind: 'label' };

/** What of a logged model is tested. */
export type LoggedModelField =
  | { readonly kind: 'attribute'; readonly name: LoggedModelAttributeName }
  | { readonly kind: 'joined'; readonly pieces: readonly JoinedPiece[] }
  /** As that of runs. */
  | {
      readonly kind: 'rank';
      readonly name: LoggedModelAttributeName;
      readonly groups: readonly (readonly string[])[];
    }
  | { readonly kind: 'param'; readonly key: string; readonly as: 'text' }
  | { readonly kind: 'tag'; readonly key: string }
  /** All values that were measured of a metric (null: of any) on any of these datasets (null: on any, or none). */
  | { readonly kind: 'measurement'; readonly key: string | null; readonly datasets: Datasets }
  /** The latest of these values. */
  | { readonly kind: 'latestMeasurement'; readonly key: string; readonly datasets: Datasets };

/** A name without a digest stands for all datasets of the name. */
type Datasets = readonly DatasetName[] | null;

/** A field of anything that is searched. */
export type AnyField = Field | ProjectField | LoggedModelField;

/** A field that things can be ordered by: one with at most one value. */
export type OrderField<F extends AnyField = Field> = Exclude<
  F,
  { readonly kind: 'label' | 'paramName' | 'metricName' | 'dataset' | 'measurement' }
>;

/** How the values of this field compare. */
export function typeOf(field: AnyField): FieldType {
  switch (field.kind) {
    case 'attribute':
      return anyAttributeTypes[field.name];
    case 'param':
      return field.as;
    case 'metric':
    case 'measurement':
    case 'latestMeasurement':
      return 'number';
    case 'rank':
      return 'integer';
    default:
      return 'text';
  }
}

/** True for a field of which each test may read a row of everything that is searched. */
export function isLookup({ kind }: AnyField): boolean {
  return !['attribute', 'extension', 'joined', 'rank'].includes(kind);
}

/** True for numbers that are NaN where somebody logged it. */
export function mayBeNan(field: AnyField): boolean {
  if (field.kind === 'metric') return field.part === 'last';
  return field.kind === 'measurement' || field.kind === 'latestMeasurement';
}

export function attribute(name: AttributeName): Field & OrderField {
  return { kind: 'attribute', name };
}

export function extension(dialect: DialectName, name: string, otherwise?: string): Field & OrderField {
  return { kind: 'extension', dialect, name, ...(otherwise === undefined ? {} : { otherwise }) };
}

export function joined(...pieces: readonly JoinedPiece[]): Field & OrderField {
  return { kind: 'joined', pieces };
}

/** Orders a text attribute by other than its bytes: group by group, whose values are alike. */
export function rank(name: AttributeName, groups: readonly (readonly string[])[]): Field & OrderField {
  return { kind: 'rank', name, groups };
}

export function param(key: string, as: 'text' | 'number' = 'text'): Field & OrderField {
  return { kind: 'param', key, as };
}

export function metric(key: string, part: MetricPart = 'last'): Field & OrderField {
  return { kind: 'metric', key, part };
}

export function tag(key: string): Field & OrderField {
  return { kind: 'tag', key };
}

/** Something of the datasets that a run uses. */
export function dataset(part: DatasetPart): Field {
  return { kind: 'dataset', part };
}

export const label: Field = { kind: 'label' };

export function projectAttribute(name: ProjectAttributeName): ProjectField & OrderField<ProjectField> {
  return { kind: 'attribute', name };
}

export function projectTag(key: string): ProjectField & OrderField<ProjectField> {
  return { kind: 'tag', key };
}

export const projectLabel: ProjectField = { kind: 'label' };

export function modelAttribute(
  name: LoggedModelAttributeName,
): LoggedModelField & OrderField<LoggedModelField> {
  return { kind: 'attribute', name };
}

/** As `rank`, for logged models. */
export function modelRank(
  name: LoggedModelAttributeName,
  groups: readonly (readonly string[])[],
): LoggedModelField & OrderField<LoggedModelField> {
  return { kind: 'rank', name, groups };
}

export function modelParam(key: string): LoggedModelField & OrderField<LoggedModelField> {
  return { kind: 'param', key, as: 'text' };
}

export function modelTag(key: string): LoggedModelField & OrderField<LoggedModelField> {
  return { kind: 'tag', key };
}

/** Passes a test if any value does that was measured of the metric, on any of these datasets if they are given. */
export function measurement(
  key: string | null,
  datasets: readonly DatasetName[] | null = null,
): LoggedModelField {
  return { kind: 'measurement', key, datasets };
}

export function latestMeasurement(
  key: string,
  datasets: readonly DatasetName[] | null = null,
): LoggedModelField & OrderField<LoggedModelField> {
  return { kind: 'latestMeasurement', key, datasets };
}
