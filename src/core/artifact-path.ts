import { invalid } from './errors.js';
import type { LoggedModelId, RunId, ServiceId } from './ids.js';

declare const brand: unique symbol;

/** Names one tree of files in the artifact store: a run's outputs, a model, or code that was uploaded. Made here, never by a client. */
export type ArtifactRoot = string & { readonly [brand]: 'ArtifactRoot' };

/** A checked path below a root: names joined by `/`, e.g. `model/weights.pt`. */
export type ArtifactPath = string & { readonly [brand]: 'ArtifactPath' };

/** The root of a run's outputs. A run that resumes another one shares the other's. */
export function runRoot(id: RunId): ArtifactRoot {
  return id as string as ArtifactRoot;
}

/** What the roots of code begin with. */
export const codePrefix = 'code-';

/** A root of code: each upload has its own, so that runs keep what they were started with. */
export function codeRoot(uuid: string): ArtifactRoot {
  return `${codePrefix}${uuid}` as ArtifactRoot;
}

/** What the roots of models begin with. */
export const modelPrefix = 'model-';

/** The root of the files of a logged model. */
export function modelRoot(id: LoggedModelId): ArtifactRoot {
  return `${modelPrefix}${id}` as ArtifactRoot;
}

/** The root of what a service shows: links to the outputs of runs, and nothing of its own. */
export function serviceRoot(id: ServiceId): ArtifactRoot {
  return `service-${id}` as ArtifactRoot;
}

/** True for the form that every root has: fit for the name of a folder, or for the first part of a key. */
export function isArtifactRoot(text: string): boolean {
  return /^[0-9a-z][-0-9a-z]{0,127}$/.test(text);
}

const maxNameBytes = 255;
const maxPathBytes = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenCharacter = /[\u0000-\u001f\u007f-\u009f\\]/;

/**
 * A path as a client sent it, decoded once. Every character is itself: `%`, `#` and `?` have no meaning.
 *
 * @param field what the client calls it, for the error.
 * @throws CoreError `invalid` for the field: absolute, climbing (`..`), with an empty name, `.`, a backslash, a
 * control character, a broken character, a `~` in front, or too long (255 bytes a name, 1024 in all).
 */
export function artifactPath(text: string, field = 'path'): ArtifactPath {
  const fault = faultOf(text);
  if (fault !== null) throw invalid(field, fault);
  return text as ArtifactPath;
}

/** True for a name that may stand in a path; names that may not be are not shown. */
export function isArtifactName(name: string): boolean {
  return !name.includes('/') && faultOfName(name) === null;
}

/** The path of a name below a folder; null for one that is too long. */
export function childPath(folder: ArtifactPath | null, name: string): ArtifactPath | null {
  const path = folder === null ? name : `${folder}/${name}`;
  return faultOf(path) === null ? (path as ArtifactPath) : null;
}

function faultOf(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.startsWith('/')) return 'must not be absolute';
  if (path.startsWith('~')) return 'must not begin with ~';
  if (Buffer.byteLength(path) > maxPathBytes) return `is longer than ${maxPathBytes} bytes`;
  for (const name of path.split('/')) {
    const fault = faultOfName(name);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfName(name: string): string | null {
  if (name === '') return 'contains an empty name';
  if (name === '.' || name === '..') return `must not contain the name ${name}`;
  if (forbiddenCharacter.test(name)) return 'contains a backslash or a control character';
  if (/\p{Surrogate}/u.test(name)) return 'is not well-formed Unicode';
  if (Buffer.byteLength(name) > maxNameBytes) return `contains a name longer than ${maxNameBytes} bytes`;
  return null;
}
