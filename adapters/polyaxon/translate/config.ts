import type { RunSpec, SpecSource } from '../../../src/core/spec.js';
import { dialect } from '../extensions.js';
import { fileOf } from './file-from-core.js';
import { readFile } from './polyaxonfile.js';

/** True for a spec that came as a file of this dialect. */
export function isOwn({ source }: { readonly source: SpecSource }): boolean {
  return source.dialect === dialect;
}

/** The parsed file of a run; of a run of another dialect the file that says of it what both know. */
export function configOf(spec: RunSpec): Readonly<Record<string, unknown>> | null {
  if (!isOwn(spec)) return fileOf(spec);
  return spec.source.text === '' ? null : readFile(spec.source.text).document;
}

/** The file of a run as it was sent, or the one that is made of a run of another dialect, as JSON. */
export function contentOf(spec: RunSpec): string | null {
  if (!isOwn(spec)) return JSON.stringify(fileOf(spec));
  return spec.source.text === '' ? null : spec.source.text;
}

/** The level of logging that a file asks for, which the tracking client in a job reads. */
export function logLevelOf(spec: RunSpec): string {
  const logging = configOf(spec)?.logging;
  const level = typeof logging === 'object' && logging !== null && 'level' in logging ? logging.level : null;
  return typeof level === 'string' ? level : 'INFO';
}
