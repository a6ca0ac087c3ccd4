import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Config, ConfigError } from '../config.js';

/** Node's own recursive mkdir never ends where a folder exists and can hold no other, as /proc (seen on 20.20). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/**
 * Makes the data folder, for its owner alone: it holds what jobs print and work on.
 *
 * @throws ConfigError if it cannot be made or written.
 */
export function prepareDataFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    chmodSync(folder, 0o700);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new ConfigError(`FRANCA_DATA: the folder ${folder} cannot be used (${reason})`, { cause: error });
  }
}

/** Where the local runner keeps its jobs. */
export function localRunnerFolder({ dataFolder }: Pick<Config, 'dataFolder'>): string {
  return join(dataFolder, 'local');
}
