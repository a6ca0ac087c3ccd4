import { CoreError } from '../../core/errors.js';
import type { RunKey } from '../../core/ids.js';
import type { Param } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';

/**
 * How new params meet those that are there: `replace` leaves the new ones alone, `merge` writes them
 * over those of the same keys, and `once` takes a key again with the same text only.
 */
export type ParamMode = 'replace' | 'merge' | 'once';

/** Params that a client sets. */
export interface ParamChange {
  readonly mode: ParamMode;
  readonly params: readonly Param[];
}

/**
 * Inside a transaction: sets a run's params, all or none of them.
 *
 * @throws CoreError `conflict` where `once` meets a key with another text, there or in the change itself.
 */
export async function replaceParams(tx: Repositories, runKey: RunKey, change: ParamChange): Promise<void> {
  if (change.mode === 'once') {
    const keys = change.params.map((param) => param.key);
    const added = unset(await tx.params.find(runKey, keys), change.params);
    if (added.length > 0) await tx.params.upsert(runKey, added);
    return;
  }
  if (change.mode === 'replace') {
    const present = (await tx.params.list([runKey])).get(runKey) ?? [];
    const keys = new Set(change.params.map((param) => param.key));
    const gone = present.map((param) => param.key).filter((key) => !keys.has(key));
    if (gone.length > 0) await tx.params.remove(runKey, gone);
  }
  await tx.params.upsert(runKey, change.params);
}

/** Those of the new params that are not there yet. */
function unset(present: readonly Param[], added: readonly Param[]): readonly Param[] {
  const texts = new Map(present.map((param) => [param.key, param.text]));
  return added.filter(({ key, text }) => {
    const known = texts.get(key);
    if (known !== undefined && known !== text) {
      throw new CoreError(
        { code: 'conflict' },
        `the param ${key} is set already, to ${shown(known)}, not ${shown(text)}`,
      );
    }
    texts.set(key, text);
    return known === undefined;
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
