import type fc from 'fast-check';
import { artifactPath, runRoot } from '../../../src/core/artifact-path.js';
import type { RunId } from '../../../src/core/ids.js';
import { type Facts, hex, type Names } from '../facts.js';
import type { Reader } from '../readers/reader.js';
import { at, experimentIdOf, home, listOf, type Platform } from '../support.js';

/** One dialect that makes runs. */
export interface Writer<Wish> {
  readonly name: string;
  /** Everything that it can say of a run, generated. */
  readonly wishes: fc.Arbitrary<Wish>;
  /** Says it, by its own API, and tells what was said. */
  write(platform: Platform, wish: Wish): Promise<Facts>;
  /** How it reads its own runs. */
  readonly reader: Reader;
}

/** What every API calls the run that was made last. */
export async function namesOf(platform: Platform, uuid: string): Promise<Names> {
  const [newest] = listOf((await platform.polyaxon('GET', `${home}?limit=1`)).body).results;
  if (newest?.uuid !== hex(uuid)) throw new Error('the newest run is another one');
  const project = at((await platform.polyaxon('GET', '/api/v1/root/Default')).body, 'uuid');
  return {
    uuid,
    number: Number(newest.id),
    experimentId: await experimentIdOf(platform, hex(uuid)),
    project: dashed(String(project)),
  };
}

/** A uuid of 32 hex digits with its dashes. */
export function dashed(uuid: string): string {
  return uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Leaves files where a job of the run would: APIs without uploads show what lies there. */
export async function leaveFiles(
  { deps }: Platform,
  { uuid }: Names,
  files: Readonly<Record<string, Buffer>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await deps.ports.artifacts.write(runRoot(uuid as RunId), artifactPath(path), piecesOf(content));
  }
}

async function* piecesOf(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Takes a run away for good, in the dialect that every run has a name in. */
export async function removeRun({ polyaxon }: Platform, { number }: Names): Promise<void> {
  await polyaxon('DELETE', `${home}/${number}`);
}
