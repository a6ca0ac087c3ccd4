import type { JobKey } from '../ids.js';

/** How far what jobs leave in files was taken in. */
export interface IntakeRepository {
  /** The places of a job's sources; a source of which nothing was taken in has none. */
  places(jobKey: JobKey): Promise<ReadonlyMap<string, number>>;
  setPlace(jobKey: JobKey, source: string, place: number): Promise<void>;
}
