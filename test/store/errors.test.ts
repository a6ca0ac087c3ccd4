import BetterSqlite from 'better-sqlite3';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { CoreError, invalid } from '../../src/core/errors.js';
import { toCoreError } from '../../src/store/errors.js';

const sqlite = (code: string, message = 'x') => new BetterSqlite.SqliteError(message, code);

const postgres = (code: string, table?: string) => {
  const error = new pg.DatabaseError('x', 1, 'error');
  error.code = code;
  if (table !== undefined) error.table = table;
  return error;
};

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an error of a driver', () => {
  it.each([
    ...[
      'FULL',
      'IOERR',
      'IOERR_WRITE',
      'BUSY',
      'BUSY_SNAPSHOT',
      'LOCKED',
      'NOMEM',
      'CANTOPEN',
      'READONLY_DBMOVED',
    ].map((code) => sqlite(`SQLITE_${code}`)),
    ...[
      '08006',
      '53100',
      '53200',
      '53300',
      '57P01',
      '57P03',
      '25006',
      '40001',
      '40P01',
      '55P03',
      '57014',
      '58030',
    ].map((code) => postgres(code)),
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'].map(withCode),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
  ])('that may pass is "unavailable": %s', (error) => {
    const mapped = toCoreError(error);
    expect(mapped).toBeInstanceOf(CoreError);
    expect(mapped).toMatchObject({ code: 'unavailable', cause: error });
    expect((mapped as CoreError).message).not.toContain('SQLITE');
  });

  it.each([
    [sqlite('SQLITE_CONSTRAINT_UNIQUE', 'UNIQUE constraint failed: run.id'), 'run'],
    [sqlite('SQLITE_CONSTRAINT_UNIQUE', "UNIQUE constraint failed: index 'account_name'"), 'user'],
    [sqlite('SQLITE_CONSTRAINT_PRIMARYKEY', 'UNIQUE constraint failed: environment.sequence'), 'environment'],
    [postgres('23505', 'project'), 'project'],
    [postgres('23505', 'param'), 'run'],
  ])('of a taken value names the thing: %s', (error, entity) => {
    expect(toCoreError(error)).toMatchObject({ detail: { code: 'already_exists', entity } });
  });

  it.each([
    [sqlite('SQLITE_CONSTRAINT_FOREIGNKEY'), 'conflict'],
    [postgres('23503'), 'conflict'],
    [sqlite('SQLITE_TOOBIG'), 'too_large'],
    [postgres('54000'), 'too_large'],
  ])('has its own code: %s', (error, code) => {
    expect(toCoreError(error)).toMatchObject({ code });
  });

  it.each([
    sqlite('SQLITE_ERROR'),
    sqlite('SQLITE_CORRUPT'),
    sqlite('SQLITE_CONSTRAINT_NOTNULL'),
    postgres('42601'),
    postgres('XX000'),
    new Error('anything'),
    invalid('name', 'too long'),
    'no error at all',
  ])('of any other kind stays as it is: %s', (error) => {
    expect(toCoreError(error)).toBe(error);
  });
});
