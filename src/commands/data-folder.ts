import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs';
import { ConfigError } from '../config.js';

/**
 * Makes the data folder, for its owner alone: it holds what jobs print and work on.
 *
 * @throws ConfigError if it cannot be made or written.
 */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    chmodSync(folder, 0o700);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new ConfigError(`FRANCA_DATA: the folder ${folder} cannot be used (${reason})`, { cause: error });
  }
}
