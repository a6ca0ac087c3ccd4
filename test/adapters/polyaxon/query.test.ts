import { describe, expect, it } from 'vitest';
import { parseQuery, parseSort } from '../../../adapters/polyaxon/query.js';
import { CoreError } from '../../../src/core/errors.js';
import {
  and,
  attribute,
  between,
  checkFilter,
  checkOrder,
  compare,
  contains,
  endsWith,
  everyRun,
  exists,
  type Field,
  type Filter,
  label,
  match,
  metric,
  not,
  oneOf,
  or,
  param,
  startsWith,
  statusIn,
  tag,
} from '../../../src/core/query.js';
import { hostileQueries, hostileSorts, unsendableQueries } from './hostile-queries.js';

const parse = (text: string) => parseQuery(text, { owner: 'root' });

/** The error of a refused text. */
function problemOf(work: () => unknown): CoreError {
  try {
    work();
  } catch (error) {
    if (error instanceof CoreError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const micros = (text: string) => Date.parse(text) * 1000;
const attributeIn = (name: Parameters<typeof attribute>[0], ...values: (string | number)[]) =>
  oneOf(attribute(name), values);
const named = (name: string) => match(attribute('createdBy'), [name], { ignoreCase: true });
const inGroup = exists(attribute('groupRef'));

/** Every field that takes values, and what one value and two values mean. */
const values: readonly (readonly [field: string, one: string, Filter, two: string, Filter])[] = [
  ['id', '1', attributeIn('number', 1), '1|20', attributeIn('number', 1, 20)],
  [
    'status',
    'failed',
    statusIn(['failed']),
    'stopped|upstream_failed',
    statusIn(['upstream_failed', 'stopped']),
  ],
  ['user', 'root', or(named('root')), 'root|Ada', or(named('root'), named('Ada'))],
  ['user.username', 'root', or(named('root')), 'a|b', or(named('a'), named('b'))],
  ['user.id', '7', attributeIn('createdByKey', 7), '7|8', attributeIn('createdByKey', 7, 8)],
  ['project', 'p', attributeIn('projectSlug', 'p'), 'Root.p|other.q', attributeIn('projectSlug', 'p')],
  ['project.id', '0', attributeIn('projectNumber', 0), '0|1', attributeIn('projectNumber', 0, 1)],
  [
    'group',
    '3',
    or(attributeIn('groupRef', '3'), endsWith(attribute('groupRef'), '.3')),
    'root.p.3|x',
    or(
      attributeIn('groupRef', 'root.p.3', 'x'),
      and(compare(attribute('groupRef'), 'eq', '3'), compare(attribute('projectSlug'), 'eq', 'p')),
    ),
  ],
  [
    'build',
    'root.p.builds.3',
    or(
      attributeIn('buildRef', 'root.p.builds.3'),
      and(compare(attribute('buildRef'), 'eq', '3'), compare(attribute('projectSlug'), 'eq', 'p')),
    ),
    'other.p.3|root.p.q.r.3',
    or(attributeIn('buildRef', 'other.p.3', 'root.p.q.r.3')),
  ],
  ['backend', 'native', attributeIn('backend', 'native'), 'a|b', attributeIn('backend', 'a', 'b')],
  ['framework', 'mpi', attributeIn('framework', 'mpi'), 'a|b', attributeIn('framework', 'a', 'b')],
  ['commit', 'c0ffee', attributeIn('codeCommit', 'c0ffee'), 'a|b', attributeIn('codeCommit', 'a', 'b')],
  [
    'tags',
    'a',
    or(oneOf(label, ['a'])),
    'a|k=v=w|mlflow.x=y|k=',
    or(
      oneOf(label, ['a', 'k=v=w', 'mlflow.x=y', 'k=']),
      compare(tag('k'), 'eq', 'v=w'),
      compare(tag('k=v'), 'eq', 'w'),
      and(compare(tag('k'), 'eq', ''), not(compare(label, 'eq', 'k'))),
    ),
  ],
  ['independent', 'True', or(not(inGroup)), 'true|false', or(not(inGroup), inGroup)],
  ['independent', 'false', or(inGroup), 'FALSE|false', or(inGroup)],
  ['params.a', 'x:y', oneOf(param('a'), ['x:y']), 'x|y', oneOf(param('a'), ['x', 'y'])],
  [
    'declarations.a.b',
    '0.01',
    or(oneOf(param('a.b'), ['0.01']), oneOf(param('a.b', 'number'), [0.01])),
    '1e-2|x|True|nan',
    or(oneOf(param('a.b'), ['1e-2', 'x', 'True', 'true', 'nan']), oneOf(param('a.b', 'number'), [0.01])),
  ],
  [
    'name',
    'x',
    or(compare(attribute('name'), 'eq', 'x')),
    'x|50%off|%a|b%|%c d%',
    or(
      compare(attribute('name'), 'eq', 'x'),
      compare(attribute('name'), 'eq', '50%off'),
      endsWith(attribute('name'), 'a', { ignoreCase: true }),
      startsWith(attribute('name'), 'b', { ignoreCase: true }),
      contains(attribute('name'), 'c d', { ignoreCase: true }),
    ),
  ],
  [
    'description',
    'two words',
    or(compare(attribute('description'), 'eq', 'two words')),
    'a|%b%',
    or(
      compare(attribute('description'), 'eq', 'a'),
      contains(attribute('description'), 'b', { ignoreCase: true }),
    ),
  ],
];

const loss = metric('loss');
const scalars: readonly (readonly [string, Filter])[] = [
  ['0.1', compare(loss, 'eq', 0.1)],
  ['-.5e+1', compare(loss, 'eq', -5)],
  ['1.', compare(loss, 'eq', 1)],
  ['+1E2', compare(loss, 'eq', 100)],
  ['NaN', compare(loss, 'eq', Number.NaN)],
  ['-Infinity', compare(loss, 'eq', Number.NEGATIVE_INFINITY)],
  ['>1', compare(loss, 'gt', 1)],
  ['>= 1', compare(loss, 'ge', 1)],
  ['=>1', compare(loss, 'ge', 1)],
  ['<1', compare(loss, 'lt', 1)],
  ['<=1', compare(loss, 'le', 1)],
  ['=<1', compare(loss, 'le', 1)],
  ['<inf', compare(loss, 'lt', Number.POSITIVE_INFINITY)],
  ['~1', not(compare(loss, 'eq', 1))],
  ['~>1', compare(loss, 'le', 1)],
  ['~>=1', compare(loss, 'lt', 1)],
  ['~ < 1', compare(loss, 'ge', 1)],
  ['~<=1', compare(loss, 'gt', 1)],
];

const day = micros('2018-10-01T00:00Z');
const next = micros('2018-10-02T00:00Z');
const half = micros('2018-10-01T10:30Z');
const timeTests: readonly (readonly [string, (field: Field) => Filter])[] = [
  ['2018-10-01', (field) => between(field, day, next - 1)],
  ['2018-10-01 10:30', (field) => between(field, half, half + 59_999_999)],
  ['2018-10-01 10:30:00', (field) => between(field, half, half + 999_999)],
  ['2018-10-01T10:30:00.25', (field) => between(field, half + 250_000, half + 259_999)],
  ['2018-10-01 12:30:00.000001+02:00', (field) => between(field, half + 1, half + 1)],
  ['2018-10-1 5:00 -0530', (field) => between(field, half, half + 59_999_999)],
  ['>2018-10-01', (field) => compare(field, 'ge', next)],
  ['>=2018-10-01', (field) => compare(field, 'ge', day)],
  ['<2018-10-01', (field) => compare(field, 'lt', day)],
  ['<=2018-10-01', (field) => compare(field, 'lt', next)],
  ['<= 2018-10-01 10:29', (field) => compare(field, 'lt', half)],
  ['~2018-10-01', (field) => not(between(field, day, next - 1))],
  ['~>2018-10-01', (field) => compare(field, 'lt', next)],
  ['~<2018-10-01', (field) => compare(field, 'ge', day)],
  ['2018-10-01..2018-10-01', (field) => between(field, day, next - 1)],
  ['2018-10-01 10:30 .. 2018-10-01', (field) => between(field, half, next - 1)],
  ['~2018-10-01 .. 2018-10-01 10:29', (field) => not(between(field, day, half - 1))],
  ['<9999-12-31', (field) => compare(field, 'lt', Number.MAX_SAFE_INTEGER)],
  ['>=0001-01-01', (field) => compare(field, 'ge', Number.MIN_SAFE_INTEGER)],
];

describe('a query', () => {
  it.each(values)('compares %s with %s and with several', (field, one, single, two, several) => {
    expect(parse(`${field}:${one}`)).toEqual(and(single));
    expect(parse(` ${field} : ${two.replaceAll('|', ' | ')} `)).toEqual(and(several));
    expect(parse(`${field}:~${two}`)).toEqual(and(not(several)));
    expect(parse(`${field}: ~ ${one}`)).toEqual(and(not(single)));
  });

  it.each(values)('compares %s in no other way', (field, one) => {
    for (const operation of [`>${one}`, `<=${one}`, `=>${one}`, `${one}..${one}`, `~<${one}`, `${one}|x..y`])
      expect(problemOf(() => parse(`${field}:${operation}`)).message).toContain(`${field} takes `);
  });

  it.each(scalars)('compares a metric with %s', (operation, filter) => {
    for (const field of ['metrics.loss', 'metric.loss'])
      expect(parse(`${field}:${operation}`)).toEqual(and(filter));
  });

  it.each(timeTests)('compares a time with %s', (operation, filter) => {
    const fields = { created_at: 'createdAt', updated_at: 'updatedAt' } as const;
    const others = { started_at: 'startedAt', finished_at: 'finishedAt' } as const;
    for (const [field, name] of Object.entries({ ...fields, ...others }))
      expect(parse(`${field}:${operation}`)).toEqual(and(filter(attribute(name))));
  });

  it('finds runs that are stopping in the status that they had', () => {
    const among = (...shown: Parameters<typeof statusIn>[0]) =>
      and(
        statusIn([...shown, 'stopping']),
        or(not(statusIn(['stopping'])), oneOf(attribute('statusBeforeStopping'), shown)),
      );
    expect(parse('status:created')).toEqual(and(among('created', 'queued')));
    expect(parse('status:running|failed')).toEqual(and(among('running', 'failed')));
  });

  it('takes all of its conditions, and none of a blank text', () => {
    expect(parse('')).toEqual(everyRun);
    expect(parse(' \n')).toEqual(everyRun);
    expect(parse(', id:1 ,, metrics.loss:<=0.3,')).toEqual(
      and(attributeIn('number', 1), compare(loss, 'le', 0.3)),
    );
    expect(parse('id:1, id:2')).toEqual(and(attributeIn('number', 1), attributeIn('number', 2)));
  });

  it('takes signs within a name or a value as text', () => {
    const holds = (key: string, value: string) => and(oneOf(param(key), [value]));
    expect(parse('params.a:x>y=<z~')).toEqual(holds('a', 'x>y=<z~'));
    expect(parse('params.a:x:~y')).toEqual(holds('a', 'x:~y'));
    expect(parse('params.a:~~/data')).toEqual(and(not(oneOf(param('a'), ['~/data']))));
    expect(parse('params.a~|>b..c : 😀')).toEqual(holds('a~|>b..c', '😀'));
    expect(parse("params.a:' or 1=1; --")).toEqual(holds('a', "' or 1=1; --"));
    expect(parse('params.__proto__:%27')).toEqual(holds('__proto__', '%27'));
  });

  it.each([...hostileQueries, ...unsendableQueries])('refuses $text', ({ text, at }) => {
    const error = problemOf(() => parse(text));
    expect(error.detail).toMatchObject({ code: 'invalid', issues: [{ path: 'query' }] });
    expect(error.message).toMatch(new RegExp(`^query: at ${at}: .`));
    expect(error.message.length).toBeLessThan(500);
    expect(Buffer.from(error.message).toString()).toBe(error.message);
  });

  it('says what a field takes, and which fields there are', () => {
    expect(problemOf(() => parse('id:1, metrics.loss: a|b')).message).toBe(
      'query: at 21: metrics.loss takes a number, >n, >=n, <n or <=n, not "a|b"',
    );
    expect(problemOf(() => parse('colour:red')).message).toMatch(
      /^query: at 1: there is no field "colour"; there are backend, build, commit, .*, user.username$/,
    );
    expect(problemOf(() => parse('status:asleep')).message).toBe(
      'query: at 8: status takes one of created, resuming, building, unschedulable, scheduled, starting, ' +
        'running, warning, unknown, succeeded, failed, upstream_failed, stopped, skipped, not "asleep"',
    );
  });

  it('takes as much as a filter may hold', () => {
    const many = (count: number, piece: (place: number) => string, by = ',') =>
      Array.from({ length: count }, (_, place) => piece(place)).join(by);
    for (const text of [
      many(249, () => 'id:1'),
      many(50, (place) => `metrics.m${place}:1`),
      `id:${many(1_000, String, '|')}`,
      `user:${many(240, String, '|')}`,
      `name:${'x'.repeat(9_995)}`,
    ])
      expect(() => checkFilter(parse(text))).not.toThrow();
  });
});

describe('a sort', () => {
  it('is by times, metrics and the number, and else newest first', () => {
    expect(parseSort('')).toEqual([{ field: attribute('createdAt'), direction: 'desc' }]);
    expect(parseSort('-created_at, metrics.loss,metric.a.b , - id')).toEqual([
      { field: attribute('createdAt'), direction: 'desc' },
      { field: loss, direction: 'asc' },
      { field: metric('a.b'), direction: 'asc' },
      { field: attribute('number'), direction: 'desc' },
    ]);
    const order = parseSort(' updated_at,-started_at, finished_at');
    expect(order.map(({ field, direction }) => [field, direction])).toEqual([
      [attribute('updatedAt'), 'asc'],
      [attribute('startedAt'), 'desc'],
      [attribute('finishedAt'), 'asc'],
    ]);
    expect(() => checkOrder(parseSort(Array.from({ length: 16 }, () => 'id').join()))).not.toThrow();
  });

  it.each(hostileSorts)('refuses $text', ({ text, at }) => {
    const error = problemOf(() => parseSort(text));
    expect(error.detail).toMatchObject({ code: 'invalid', issues: [{ path: 'sort' }] });
    expect(error.message).toMatch(new RegExp(`^sort: at ${at}: .`));
  });
});
