import type { Status } from '../../src/core/status.js';
import type { Micros } from '../../src/core/time.js';
import type { SubmarineSpec } from './arbitraries.js';
import type { Json } from './support.js';

/** How each API calls one run. */
export interface Names {
  /** With dashes. */
  readonly uuid: string;
  /** Of Polyaxon: counts within the project. */
  readonly number: number;
  /** Of Submarine. */
  readonly experimentId: string;
  /** The uuid of the project, with dashes. */
  readonly project: string;
}

/** A value of a metric, as its writer sent it. */
export interface Point {
  readonly key: string;
  /** Null where a writer says that there is none. */
  readonly value: number | null;
  readonly step: bigint | null;
  readonly ms: bigint;
  /** 0 to 999 beyond the millisecond. */
  readonly us: number;
  /** Points of one request are shown together where a dialect has rows. */
  readonly request: number;
  /** Submarine's `workerIndex`; `worker-0` without it. */
  readonly worker?: string;
}

/** A label (`value` null), or a key with a value. */
export interface Tag {
  readonly key: string;
  readonly value: string | null;
}

/** An input; `value` is what its writer sent, as JSON has it. */
export interface Param {
  readonly key: string;
  readonly value: unknown;
}

export interface Code {
  readonly commit: string | null;
  readonly head: string | null;
  readonly branch: string | null;
  readonly url: string | null;
  readonly isDirty: boolean | null;
  readonly diff: string | null;
}

/** A status that was reached, as a history tells it. */
export interface Reached {
  readonly status: Status;
  readonly at: Micros;
  readonly message: string | null;
  readonly traceback?: string;
  /** False for a report that came too late to move the run; histories show it all the same. */
  readonly moved?: false;
}

/** What a run is to do, in the words of who wrote it. */
export type Spec =
  | { readonly kind: 'polyaxonfile'; readonly file: Json; readonly content: string }
  | { readonly kind: 'submarine'; readonly sent: SubmarineSpec };

/** What only Polyaxon says of a run. */
export interface PolyaxonOnly {
  readonly readme?: string;
  readonly run_env?: Json;
  readonly data_refs?: Json;
  readonly ttl?: number | null;
  readonly experiment_group?: string;
  readonly build_job?: string;
}

/** What only MLflow says of a run. */
export interface MlflowOnly {
  readonly user: string;
  /** In milliseconds, where they are not those of the run itself. */
  readonly start?: bigint;
  readonly end?: bigint;
  /** As they are sent and shown. */
  readonly datasets?: readonly Json[];
  readonly modelInputs?: readonly Json[];
  readonly modelOutputs?: readonly Json[];
}

/**
 * All that was written of one run, in words of no dialect: a writer says what it wrote, and from this alone a reader
 * says what it must show.
 */
export interface Facts {
  readonly names: Names;
  readonly name: string | null;
  readonly description: string | null;
  readonly managed: boolean;
  readonly createdAt: Micros;
  readonly startedAt: Micros | null;
  readonly finishedAt: Micros | null;
  /** Oldest first; the last one that moved the run is where it is. */
  readonly history: readonly Reached[];
  readonly framework: string | null;
  readonly backend: string | null;
  readonly params: readonly Param[];
  /** In the order in which they came. */
  readonly tags: readonly Tag[];
  readonly points: readonly Point[];
  readonly code: Code | null;
  /** The id of the run that it is a part of: 32 hex digits, or a text that names none. */
  readonly parent: string | null;
  /** By their paths. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Lines that a client sent. */
  readonly logs: readonly string[];
  readonly spec: Spec | null;
  readonly polyaxon: PolyaxonOnly;
  /** Null for a run that MLflow did not make. */
  readonly mlflow: MlflowOnly | null;
}

/** A run of which nothing is said. */
export const noFacts: Omit<Facts, 'names' | 'createdAt' | 'history'> = {
  name: null,
  description: null,
  managed: false,
  startedAt: null,
  finishedAt: null,
  framework: null,
  backend: null,
  params: [],
  tags: [],
  points: [],
  code: null,
  parent: null,
  files: {},
  logs: [],
  spec: null,
  polyaxon: {},
  mlflow: null,
};

/** Where the run is. */
export function statusOf({ history }: Facts): Reached {
  const last = history.findLast(({ moved = true }) => moved);
  if (last === undefined) throw new Error('a run has a status from the beginning');
  return last;
}

/** Why it is there, for those that tell it with every status; an empty message is none. */
export function whyOf(facts: Facts): string | null {
  return statusOf(facts).message || null;
}

/** A param as a text: a text as it is, anything else as JSON has it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** Tags as a list of texts: keys with values as `key=value`, without MLflow's bookkeeping, each text once. */
export function tagList(tags: readonly Tag[]): string[] {
  const texts = tags.flatMap(({ key, value }) => {
    if (value === null) return [key];
    return key.startsWith('mlflow.') ? [] : [`${key}=${value}`];
  });
  return [...new Set(texts)];
}

/** Values by key, in the order of the keys. */
export function byKey(points: readonly Point[]): [key: string, points: Point[]][] {
  const keys = [...new Set(points.map(({ key }) => key))];
  return keys.map((key) => [key, points.filter((point) => point.key === key)]);
}

type Ordered = readonly (bigint | number)[];

function compareLists(a: Ordered, b: Ordered): number {
  for (const [place, one] of a.entries()) {
    const other = b[place] ?? 0;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Values in the order of a function of theirs. */
export function sortedBy(points: readonly Point[], order: (point: Point) => Ordered): Point[] {
  return [...points].sort((a, b) => compareLists(order(a), order(b)));
}

/** A value's place among numbers: NaN stands right behind 0. */
export function valueOrder({ value }: Point): Ordered {
  return Number.isNaN(value) ? [0, 1] : [value ?? 0, 0];
}

/** The points that have a value. */
export function valued(points: readonly Point[]): Point[] {
  return points.filter(({ value }) => value !== null);
}

/** The last value: of the greatest step (none counts as 0), then time, then value. */
export function lastOf(points: readonly Point[]): Point | undefined {
  return sortedBy(valued(points), (point) => [point.step ?? 0n, point.ms, point.us, ...valueOrder(point)]).at(
    -1,
  );
}

/** The word for what JSON has no number for. */
export function wordOf(value: number): number | string {
  return Number.isFinite(value) ? (value === 0 ? 0 : value) : String(value);
}

const millisPerDay = 86_400_000n;

/** ISO 8601 without a zone, in milliseconds; times beyond the years 1 to 9999 are shown as the nearest in them. */
export function isoMillis(ms: bigint): string {
  const first = -719_162n * millisPerDay;
  const last = 2_932_897n * millisPerDay - 1n;
  const shown = ms < first ? first : ms > last ? last : ms;
  return new Date(Number(shown)).toISOString().slice(0, -1);
}

/** The milliseconds of a time in microseconds. */
export function millis(at: Micros): number {
  return Math.floor(at / 1000);
}

/** A uuid as 32 hex digits. */
export function hex(uuid: string): string {
  return uuid.replaceAll('-', '');
}

/** A fixed 64-bit number as JSON shows it: exact beyond 2^53, too. */
export function long(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}
