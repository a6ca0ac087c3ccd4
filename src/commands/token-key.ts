import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config.js';

const keyBytes = 32;

/**
 * The secret that the tokens of runs are derived from: a file in the data folder, for its owner alone
 * and not in the database, so that a copy of the database gives no token away. Made on first use, by
 * the one server that holds the folder. If it is lost, jobs that are submitted again get other tokens.
 *
 * @throws ConfigError for a file of another size.
 */
export function loadTokenKey(dataFolder: string): Uint8Array {
  const file = join(dataFolder, 'run-token.key');
  const key = readIfThere(file) ?? makeKey(file);
  if (key.length !== keyBytes) {
    throw new ConfigError(
      `${file} must hold ${keyBytes} bytes and holds ${key.length}: remove it, and jobs get new tokens`,
    );
  }
  chmodSync(file, 0o600);
  return key;
}

function readIfThere(file: string): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function makeKey(file: string): Uint8Array {
  const key = randomBytes(keyBytes);
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeSync(handle, key);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
  return key;
}
