import { invalid } from '../../src/core/errors.js';
import type { Extensions } from '../../src/core/model.js';

/** The name of this dialect in sources and extensions. */
export const dialect = 'polyaxon';

/** Fields of an experiment that the core has no word for, as they were sent. */
export interface ExperimentExtension {
  readonly run_env?: Readonly<Record<string, unknown>>;
  readonly data_refs?: unknown;
  readonly ttl?: number;
  readonly readme?: string;
}

/** What this dialect has kept with a run. */
export function extensionOf(extensions: Extensions): ExperimentExtension {
  return extensions[dialect] ?? {};
}

/** The most that is kept so with one run or project, in bytes of JSON. */
const maxBytes = 65_536;

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * The extensions with these fields of ours changed; a field that is undefined stays as it is.
 *
 * @throws CoreError `invalid` for the largest of the changed fields, if with it too much would be kept.
 */
export function extended(present: Extensions, change: ExperimentExtension): Extensions {
  const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const [[largest] = []] = Object.entries(set).sort(([, a], [, b]) => bytesOf(b) - bytesOf(a));
  if (largest === undefined) return present;
  const kept = { ...present[dialect], ...set };
  if (bytesOf(kept) > maxBytes)
    throw invalid(largest, `with this more than ${maxBytes} bytes of JSON would be kept`);
  return { ...present, [dialect]: kept };
}

/** The one kind of service that this dialect starts. */
export const service = 'tensorboard';
