import type { RawRequest } from '../../support/raw-http.js';
import { hostileFilters } from './hostile-filters.js';

/** A request that must be refused, and how. `{model}` and `{experiment}` stand for what there is. */
export interface Malformed extends RawRequest {
  readonly name: string;
  readonly status: number;
  /** The name of the error. */
  readonly error: string;
}

const model = '/api/v2/models/{model}';
const experiment = `${model}/experiments/{experiment}`;
const search = `${model}/experiments/search`;
const argument = 'Conjure:InvalidArgument';

function get(
  name: string,
  path: string,
  status: number,
  error: string,
  fields: Partial<Malformed> = {},
): Malformed {
  const at = path.includes('?') ? path : `${path}?preview=true`;
  return { name, method: 'GET', path: at, status, error, ...fields };
}

function post(
  name: string,
  body: string | Buffer,
  status = 400,
  error = argument,
  fields: Partial<Malformed> = {},
): Malformed {
  return { name, method: 'POST', path: `${search}?preview=true`, body, status, error, ...fields };
}

const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

const bodies: readonly Malformed[] = [
  ['a brace alone', '{'],
  ['text', 'hello'],
  ['a comma too many', '{"pageSize":1,}'],
  ['NaN', '{"pageSize":NaN}'],
  ['two values', '{} {}'],
  ['a list', '[]'],
  ['a number', '5'],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
  ['bytes that are no UTF-8', bytes('{"pageToken":"', 0xff, 0xfe, '"}')],
  ['an overlong encoding', bytes('{"pageToken":"', 0xc0, 0xaf, '"}')],
  ['a NUL', '{"pageToken":"a\\u0000b"}'],
  ['a lone surrogate', '{"where":{"type":"eq","field":"TAG","value":"\\ud800"}}'],
  ['the key __proto__', '{"__proto__":{}}'],
  ['deep lists', deep('[', ']', 100_000)],
  ['a deep filter', `{"where":${'{"type":"not","value":'.repeat(10_000)}{}${'}'.repeat(10_000)}}`],
  ['XML', '<search/>'],
].map(([name, body]) => post(String(name), body as string | Buffer));

/** Numbers that no page has. */
const numbers: readonly Malformed[] = [
  ...[
    '1.5',
    '1e309',
    '-1e999',
    '"5"',
    'true',
    '{}',
    '[1]',
    '9223372036854775808',
    `1${'0'.repeat(5000)}`,
  ].map((number) => post(`pageSize ${number.slice(0, 20)}`, `{"pageSize":${number}}`)),
  ...['0', '-0', '-1', '-9007199254740991'].map((number) =>
    post(`pageSize ${number}`, `{"pageSize":${number}}`, 400, 'InvalidPageSize'),
  ),
  ...['1e309', '-1e999'].map((number) =>
    post(
      `a filter of ${number}`,
      `{"where":{"type":"seriesFilter","seriesName":"a","field":"LENGTH","operator":"GT","value":${number}}}`,
    ),
  ),
];

const filters: readonly Malformed[] = hostileFilters.map(({ where, reason }, place) =>
  post(`filter ${place}: ${reason}`, JSON.stringify({ where }), 400, 'InvalidExperimentSearchFilter'),
);

const tokens: readonly Malformed[] = [
  'x',
  "' or 1=1 --",
  '../..',
  'W10',
  'eyJhIjoxfQ',
  'x'.repeat(100_000),
].map((pageToken) =>
  post(`the token ${pageToken.slice(0, 20)}`, JSON.stringify({ pageToken }), 400, 'InvalidPageToken'),
);

const sizes: readonly Malformed[] = [
  post('10 MB of spaces', ' '.repeat(10_000_000), 413, 'Default:RequestEntityTooLarge'),
  post('10 MB of braces', '{'.repeat(10_000_000), 413, 'Default:RequestEntityTooLarge'),
  get(
    'a path of 6000 characters',
    `${experiment}/series/${'x'.repeat(6000)}/json`,
    404,
    'ExperimentSeriesNotFound',
  ),
  get(
    'a table of a name of 300 characters',
    `${experiment}/artifactTables/${'x'.repeat(300)}.parquet/json`,
    400,
    argument,
  ),
];

const headers: readonly Malformed[] = [
  post('no content type', '{}', 415, 'Conjure:UnsupportedMediaType', { type: null }),
  post('YAML', 'pageSize: 1', 415, 'Conjure:UnsupportedMediaType', { type: 'application/yaml' }),
  post('another charset', '{}', 415, 'Conjure:UnsupportedMediaType', {
    type: 'application/json; charset=utf-16',
  }),
];

const methods: readonly Malformed[] = [
  ['PUT', model],
  ['DELETE', experiment],
  ['PATCH', experiment],
  ['POST', experiment],
  ['POST', `${model}/experiments/{experiment}/series/loss/json`],
].map(([method = '', path = '']) => ({
  name: `${method} ${path}`,
  method,
  path: `${path}?preview=true`,
  status: 405,
  error: 'Conjure:MethodNotAllowed',
}));

const previews: readonly Malformed[] = [
  '',
  '?',
  '?preview',
  '?preview=',
  '?preview=1',
  '?preview=false',
  '?preview=true&preview=false',
].map((query) => ({
  name: `the query ${query}`,
  method: 'GET',
  path: model + query,
  status: 400,
  error: 'ApiFeaturePreviewUsageOnly',
}));

const rids: readonly Malformed[] = [
  'x',
  "'%20or%201=1--",
  '%27%3B%20DROP%20TABLE%20run%3B--',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%252e%252e%252f',
  '%e2%80%ae',
  '*',
  '%25',
  'ri.models.main.experiment.a%2F..%2Fb',
  'ri.models.main.experiment.%0a',
  'ri.models.main.experiment.a%20b',
].map((rid) => get(`the RID ${rid}`, `${model}/experiments/${rid}`, 400, argument));

const paths: readonly Malformed[] = [
  get('the root', '/api/v2/', 404, 'Default:NotFound'),
  get('nothing that there is', '/api/v2/datasets/x', 404, 'Default:NotFound'),
  get('a list of models', '/api/v2/models', 404, 'Default:NotFound'),
  get('a model with a slash behind it', `${model}/`, 404, 'Default:NotFound'),
  get('doubled slashes', model.replace('/models', '//models'), 404, 'Default:NotFound'),
  get('a series without a name', `${experiment}/series//json`, 404, 'Default:NotFound'),
  get('a series whose slash is a slash', `${experiment}/series/a/b/json`, 404, 'Default:NotFound'),
  get('a series in another form', `${experiment}/series/loss/csv`, 404, 'Default:NotFound'),
  get('a NUL in a name', `${experiment}/series/a%00b/json`, 400, argument),
  get('bytes that are no UTF-8 in a name', `${experiment}/series/%ff%fe/json`, 400, argument),
  get('a broken escape', `${experiment}/series/%zz/json`, 400, argument),
  get('a broken escape in the query', `${model}?preview=true&x=%`, 400, argument),
  get('a table with ~', `${experiment}/artifactTables/~root.parquet/json`, 400, argument),
  get('a negative offset', `${experiment}/series/loss/json?preview=true&offset=-1`, 400, argument),
  get(
    'a huge offset',
    `${experiment}/series/loss/json?preview=true&offset=99999999999999999999`,
    400,
    argument,
  ),
  get(
    'a huge page',
    `${experiment}/series/loss/json?preview=true&pageSize=99999999999999999999`,
    400,
    argument,
  ),
  get('no page', `${experiment}/series/loss/json?preview=true&pageSize=0`, 400, 'InvalidPageSize'),
  get('two offsets', `${experiment}/series/loss/json?preview=true&offset=1&offset=2`, 400, argument),
];

/** Requests of every kind that must be refused in this dialect's envelope. */
export const malformed: readonly Malformed[] = [
  ...bodies,
  ...numbers,
  ...filters,
  ...tokens,
  ...sizes,
  ...headers,
  ...methods,
  ...previews,
  ...rids,
  ...paths,
];
