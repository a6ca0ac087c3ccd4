import { describe, expect, it } from 'vitest';
import type { NamedError } from '../../../adapters/foundry/errors.js';
import { orderOf, pageTokenOf, parseWhere, placeOf } from '../../../adapters/foundry/query.js';
import { attribute, checkFilter, everyRun, noRun } from '../../../src/core/query.js';
import { hostileFilters } from './hostile-filters.js';

function refusalOf(work: () => unknown): NamedError {
  try {
    work();
  } catch (error) {
    return error as NamedError;
  }
  throw new Error('it was taken');
}

describe('a filter', () => {
  it('that is missing takes every run', () => {
    expect(parseWhere(undefined)).toEqual(everyRun);
    expect(parseWhere(null)).toEqual(everyRun);
  });

  it('may nest its content under its type, as the documentation of the SDK shows it', () => {
    const flat = { type: 'and', filters: [{ type: 'not', value: { type: 'eq', field: 'TAG', value: 'a' } }] };
    const nested = { and: { filters: [{ not: { value: { eq: { field: 'TAG', value: 'a' } } } }] } };
    expect(parseWhere(nested)).toEqual(parseWhere(flat));
  });

  it('for what no run can be shown with finds none', () => {
    const equal = (field: string, value: string) => parseWhere({ type: 'eq', field, value });
    expect(equal('EXPERIMENT_RID', 'ri.models.main.experiment.abc123')).toEqual(noRun);
    expect(equal('EXPERIMENT_RID', '')).toEqual(noRun);
    expect(equal('JOB_RID', 'free text')).toEqual(noRun);
    expect(equal('BRANCH', '')).toEqual(noRun);
    expect(equal('TAG', 'foundry.branch=dev')).toEqual(noRun);
  });

  it('of the greatest depth is taken', () => {
    const running = { type: 'eq', field: 'STATUS', value: 'RUNNING' };
    const deep = Array.from({ length: 20 }).reduce<unknown>((value) => ({ type: 'not', value }), running);
    expect(() => checkFilter(parseWhere(deep))).not.toThrow();
  });

  it.each(hostileFilters)('is refused: $reason', ({ where, reason }) => {
    const { code, errorName, parameters } = refusalOf(() => parseWhere(where));
    expect([code, errorName]).toEqual(['invalid', 'InvalidExperimentSearchFilter']);
    expect(String(parameters.reason)).toMatch(
      new RegExp(`^${reason.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
    );
    expect(String(parameters.reason).length).toBeLessThan(500);
  });
});

describe('an order', () => {
  it.each([
    [undefined, [{ field: attribute('createdAt'), direction: 'desc' }]],
    [null, [{ field: attribute('createdAt'), direction: 'desc' }]],
    [{ field: 'CREATED_TIME', direction: 'ASC' }, [{ field: attribute('createdAt'), direction: 'asc' }]],
    [{ field: 'CREATED_AT', direction: 'DESC' }, [{ field: attribute('createdAt'), direction: 'desc' }]],
    [{ field: 'EXPERIMENT_NAME', direction: 'ASC' }, [{ field: attribute('name'), direction: 'asc' }]],
  ] as const)('%j', (given, order) => {
    expect(orderOf(given)).toEqual(order);
  });
});

describe('the token of a page', () => {
  const searched = {
    modelRid: 'ri.models.main.model.a',
    where: { type: 'eq', value: 10n ** 18n },
    orderBy: null,
  };

  it('leads to the place that it was made for', () => {
    expect(placeOf(searched, pageTokenOf(searched, 'there'))).toBe('there');
    expect(placeOf({ ...searched, orderBy: undefined }, pageTokenOf(searched, 'there'))).toBe('there');
  });

  it('is worth nothing in another search', () => {
    const token = pageTokenOf(searched, 'there');
    const others = [
      { ...searched, modelRid: 'ri.models.main.model.b' },
      { ...searched, where: undefined },
      { ...searched, where: { type: 'eq', value: 10n ** 18n + 1n } },
      { ...searched, orderBy: { field: 'CREATED_TIME', direction: 'ASC' } },
    ];
    for (const other of others) {
      expect(refusalOf(() => placeOf(other, token))).toMatchObject({
        errorName: 'InvalidPageToken',
        parameters: { pageToken: token },
      });
    }
  });

  it.each([
    '',
    'x',
    '%%%',
    Buffer.from('null').toString('base64url'),
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["a","b"]').toString('base64url'),
    Buffer.from('[1,2]').toString('base64url'),
    'A'.repeat(100_000),
  ])('%.20j is none', (token) => {
    const { errorName, parameters, code } = refusalOf(() => placeOf(searched, token));
    expect([errorName, code]).toEqual(['InvalidPageToken', 'invalid']);
    expect(parameters.pageToken).toBe(token.slice(0, 200));
  });
});
