import type { LoggedModelId, LoggedModelKey, ProjectKey, RunId, RunKey } from './ids.js';
import type { MetricPoint } from './metrics.js';
import type { Author, Extensions } from './model.js';
import type { Micros } from './time.js';

/** Whether a model's files are still being written, are there, or could not be. */
export const loggedModelStatuses = ['pending', 'ready', 'failed'] as const;

export type LoggedModelStatus = (typeof loggedModelStatuses)[number];

/** A model that was logged: it has files of its own, and runs measure it. */
export interface LoggedModel {
  readonly key: LoggedModelKey;
  readonly id: LoggedModelId;
  readonly projectKey: ProjectKey;
  readonly name: string;
  /** The run that made it, as long as that is there. */
  readonly sourceRunKey: RunKey | null;
  /** The id of the run that made it as its client gave it, a UUID as 32 hex digits; it need name no run. */
  readonly sourceRef: string | null;
  readonly status: LoggedModelStatus;
  readonly statusMessage: string | null;
  /** What kind of a model it is, as its client says. */
  readonly modelType: string | null;
  readonly createdBy: Author;
  readonly createdAt: Micros;
  /** When its status was last set, or it was trashed; params, tags and metrics do not count. */
  readonly updatedAt: Micros;
  readonly deletedAt: Micros | null;
  readonly extensions: Extensions;
}

/** An input of a model, written once. */
export interface ModelParam {
  readonly key: string;
  readonly text: string;
}

/** The data that something was measured on, as its client names it. */
export interface DatasetName {
  readonly name: string;
  readonly digest: string | null;
}

/** A value that a run measured of a model; its kind is never `null`. */
export interface Measurement extends MetricPoint {
  readonly dataset: DatasetName | null;
}

/** A measurement as stored. */
export interface StoredMeasurement extends Measurement {
  readonly runKey: RunKey;
  readonly runId: RunId;
}

/** A model that a run has read or written. */
export interface ModelLink {
  readonly direction: 'input' | 'output';
  readonly modelKey: LoggedModelKey;
  readonly modelId: LoggedModelId;
  /** Of the run, when it wrote the model; 0 for inputs. */
  readonly step: bigint;
}

/** Orders measurements of one metric to find the latest: by time, then by step (none counts as 0). */
export function compareMeasurements(a: Measurement, b: Measurement): number {
  return (
    compare(a.timestampMs, b.timestampMs) ||
    a.timestampUs - b.timestampUs ||
    compare(a.step ?? 0n, b.step ?? 0n)
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
