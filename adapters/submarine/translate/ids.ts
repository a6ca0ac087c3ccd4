import type { RunKey } from '../../../src/core/ids.js';

const shape = /^experiment[-_]([0-9]{1,16})[-_]([0-9]{4,16})$/;

function padded(number: number): string {
  return String(number).padStart(4, '0');
}

/** A run's experimentId: seed 002's form, with the time at which the database was created. */
export function experimentIdOf(key: RunKey, storeCreatedAtMs: number): string {
  return `experiment_${storeCreatedAtMs}_${padded(key)}`;
}

/**
 * The run that an experimentId names in this database, or null. Submarine up to 0.5 writes it with `_`,
 * since 0.6 with `-`: both are taken. A number in any other form than the one shown names nothing.
 */
export function parseExperimentId(id: string, storeCreatedAtMs: number): RunKey | null {
  const [, ms, digits = ''] = shape.exec(id) ?? [];
  const number = Number(digits);
  if (ms !== String(storeCreatedAtMs) || number < 1 || padded(number) !== digits) return null;
  return number as RunKey;
}

/** A stored environment's id. Clients address environments by name; they only show the id. */
export function environmentIdOf(sequence: number, storeCreatedAtMs: number): string {
  return `environment_${storeCreatedAtMs}_${padded(sequence)}`;
}
