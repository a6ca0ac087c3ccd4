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

/** The same of both: what has one name in several is of one type. */
const anyAttributeTypes: typeof attributeTypes & typeof projectAttributeTypes = {
  ...attributeTypes,
  ...projectAttributeTypes,
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

/** A field of anything that is searched. */
export type AnyField = Field | ProjectField;

/** A field that things can be ordered by: one with at most one value. */
export type OrderField<F extends AnyField = Field> = Exclude<
  F,
  { readonly kind: 'label' | 'paramName' | 'metricName' | 'dataset' }
>;

/** How the values of this field compare. */
export function typeOf(field: AnyField): FieldType {
  switch (field.kind) {
    case 'attribute':
      return anyAttributeTypes[field.name];
    case 'param':
      return field.as;
    case 'metric':
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
