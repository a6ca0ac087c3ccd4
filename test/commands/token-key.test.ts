import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadTokenKey } from '../../src/commands/token-key.js';

let folder: string;
const fileOf = () => join(folder, 'run-token.key');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-key-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it('makes a key once, for its owner alone, and leaves nothing else behind', () => {
  const key = loadTokenKey(folder);
  expect(key).toHaveLength(32);
  expect(loadTokenKey(folder)).toEqual(key);
  expect(readdirSync(folder)).toEqual(['run-token.key']);
  expect(statSync(fileOf()).mode & 0o777).toBe(0o600);
});

it('takes others their rights to a key that was there', () => {
  const key = loadTokenKey(folder);
  chmodSync(fileOf(), 0o644);
  expect(loadTokenKey(folder)).toEqual(key);
  expect(statSync(fileOf()).mode & 0o777).toBe(0o600);
});

it('refuses a file of another size, in words, and leaves it alone', () => {
  writeFileSync(fileOf(), 'short');
  expect(() => loadTokenKey(folder)).toThrow(/run-token\.key must hold 32 bytes and holds 5/);
  expect(readFileSync(fileOf(), 'utf8')).toBe('short');
});
