import type { RawRequest } from '../../support/raw-http.js';

/** A request that must be refused, and how. */
export interface Malformed extends RawRequest {
  readonly name: string;
  readonly status: number;
  /** The names in the answer: those of fields, or `detail`. */
  readonly names: readonly string[];
}

/** A project with two experiments: 1 reports here, 2 waits for its turn. */
export const project = '/api/v1/root/p';
export const experiments = `${project}/experiments`;
export const tracked = `${experiments}/1`;
export const managed = `${experiments}/2`;

/** What is different from a JSON body that gives 400 with `detail`. */
type Different = Partial<Omit<Malformed, 'name' | 'path'>>;

const detail = ['detail'] as const;

/** A request whose body is this text, or this value as JSON. */
export function sent(path: string, name: string, body: unknown, different: Different = {}): Malformed {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return { name, method: 'POST', path, body: text, status: 400, names: detail, ...different };
}

export function get(name: string, path: string, status: number, different: Different = {}): Malformed {
  return { name, method: 'GET', path, status, names: detail, ...different };
}

const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const whole = JSON.stringify({ is_managed: false, name: 'x' });

/** Bodies that no route takes, each sent to another one. */
const notJson: readonly Malformed[] = [
  sent(experiments, 'a brace alone', '{'),
  sent(tracked, 'text', 'hello', { method: 'PATCH' }),
  sent(`${tracked}/metrics`, 'a comma too many', '{"values":{},}'),
  sent(`${tracked}/metrics`, 'NaN as Python writes it', '{"values":{"a":NaN}}'),
  sent(`${tracked}/metrics`, 'Infinity as Python writes it', '{"values":{"a":-Infinity}}'),
  sent(`${tracked}/statuses`, 'single quotes', "{'status':'running'}"),
  sent(`${tracked}/logs`, 'a text without quotes', 'epoch 1'),
  sent(`${tracked}/logs`, 'a newline in a text', '"a\nb"'),
  sent(`${tracked}/coderef`, 'two values', '{} {}'),
  sent(`${managed}/restart`, 'a comment', '{} // x'),
  sent(`${managed}/resume`, 'a leading zero', '{"content":01}'),
  sent(`${managed}/copy`, 'a half-finished escape', '{"content":"\\u12"}'),
  sent('/api/v1/projects', 'a cut text', '{"name":"x"'),
  sent(project, 'XML', '<project/>', { method: 'PATCH' }),
  sent(`${experiments}/stop`, 'UTF-16', Buffer.from('{"ids":[1]}', 'utf16le')),
  sent(`${experiments}/delete`, 'bytes that are no UTF-8', Buffer.of(0x22, 0xff, 0xfe, 0x22), {
    method: 'DELETE',
  }),
  sent(`${tracked}/tensorboard/start`, 'an overlong encoding', Buffer.of(0x22, 0xc0, 0xaf, 0x22)),
  sent(experiments, 'a NUL in the text itself', whole.replace('x', '\0')),
  sent(experiments, 'a NUL in a value', { is_managed: false, name: 'a\0b' }, { names: ['name'] }),
  sent(experiments, 'a NUL in a key', { is_managed: false, 'a\0': 1 }, { names: ['a\0'] }),
  sent(experiments, 'a NUL in a tag', { is_managed: false, tags: ['a\0'] }, { names: ['tags.0'] }),
  sent(tracked, 'a lone surrogate', '{"name":"\\ud800"}', { method: 'PATCH', names: ['name'] }),
  sent(experiments, 'the key __proto__', '{"__proto__":{"a":1}}'),
  sent(tracked, 'the key __proto__ among params', '{"params":{"__proto__":1}}', {
    method: 'PATCH',
    names: ['params.__proto__'],
  }),
];

const tooMuch: readonly Malformed[] = [
  sent(experiments, 'deep lists', deep('[', ']', 100_000)),
  sent(`${tracked}/metrics`, 'deep objects', `${'{"values":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
  sent(tracked, 'deep params', `{"params":{"a":${deep('[', ']', 70)}}}`, { method: 'PATCH' }),
  sent(`${tracked}/logs`, '9 MB of lines', `"${'x'.repeat(9_000_000)}"`, { status: 413 }),
  sent(experiments, '9 MB of spaces', ' '.repeat(9_000_000), { status: 413 }),
  sent(`${tracked}/metrics`, '9 MB of braces', '{'.repeat(9_000_000), { status: 413 }),
  sent('/api/v1/users/token', '9 MB of a password', `password=${'x'.repeat(9_000_000)}`, {
    type: 'application/x-www-form-urlencoded',
    status: 413,
  }),
  get('a path of 6000 characters', `${experiments}/${'1'.repeat(6000)}`, 400, { names: ['id'] }),
  get('a name of 6000 characters', `/api/v1/root/${'x'.repeat(6000)}`, 404),
];

const type = (value: string | null): Different => ({ type: value, status: 415 });
const wrongHeaders: readonly Malformed[] = [
  sent(experiments, 'no content type', whole, type(null)),
  sent(experiments, 'a form', whole, type('application/x-www-form-urlencoded')),
  sent(experiments, 'YAML', 'is_managed: false', type('application/yaml')),
  sent(`${tracked}/metrics`, 'multipart', 'x', type('multipart/form-data; boundary=x')),
  sent('/api/v1/projects', 'a type like ours', whole, type('application/jsonx')),
  sent(`${managed}/restart`, 'two types', whole, type('application/json, text/plain')),
  sent(`${tracked}/statuses`, 'another charset', whole, type('application/json; charset=utf-16')),
  sent(`${tracked}/coderef`, 'a deflated body', whole, {
    headers: { 'Content-Encoding': 'deflate' },
    status: 415,
  }),
  sent('/api/v1/users/token', 'a login in XML', '<a/>', type('application/xml')),
  sent(experiments, 'an idempotency key with a blank', whole, {
    headers: { 'Idempotency-Key': 'a b' },
    names: ['Idempotency-Key'],
  }),
];

const method = (name: string, path: string): Malformed => ({
  name: `${name} ${path}`,
  method: name,
  path,
  status: 405,
  names: detail,
});
const wrongMethods: readonly Malformed[] = [
  method('PUT', experiments),
  method('DELETE', experiments),
  method('PATCH', experiments),
  method('PUT', tracked),
  method('POST', tracked),
  method('DELETE', `${tracked}/metrics`),
  method('PUT', `${tracked}/statuses`),
  method('GET', `${tracked}/stop`),
  method('GET', `${tracked}/restart`),
  method('POST', `${tracked}/unbookmark`),
  method('POST', `${tracked}/jobs`),
  method('POST', `${tracked}/outputs`),
  method('GET', `${project}/repo/upload`),
  method('PUT', project),
  method('POST', '/api/v1/root'),
  method('DELETE', '/api/v1/users'),
];

const unknown = (name: string, path: string) => get(`${name}: ${path}`, path, 404);
const ids = [
  ...['0', '-1', '1.5', '99999999999', '01', '1e1', '0x1', 'null', '%27%20or%201=1--', '..%2f1', '%252e'].map(
    (id) => get(`the id ${id}`, `${experiments}/${id}`, 400, { names: ['id'] }),
  ),
  get('the id of a job', `${managed}/jobs/0`, 400, { names: ['job_id'] }),
  get('the id of a job, a text', `${managed}/jobs/master/logs`, 400, { names: ['job_id'] }),
  get('two wrong ids', `${experiments}/a/jobs/b`, 400, { names: ['id', 'job_id'] }),
  get('a NUL', `${experiments}/1%00`, 400),
  get('bytes that are no UTF-8', `/api/v1/root/%ff%fe`, 400),
  get('a broken escape', `/api/v1/root/%zz`, 400),
  get('a broken escape in the query', `${experiments}?query=%`, 400),
  get('a NUL in the query', `${experiments}?query=%00`, 400),
  unknown('an id of nothing', `${experiments}/999999999`),
  unknown('a job of nothing', `${managed}/jobs/99`),
  unknown('statuses of nothing', `${managed}/jobs/99/statuses`),
  unknown('a log of nothing', `${experiments}/77/logs`),
  unknown('outputs of nothing', `${experiments}/77/outputs`),
  unknown('code that nobody uploaded', `${project}/repo/download`),
  unknown('a project of nothing', '/api/v1/root/nothing'),
  unknown('an owner of nothing', '/api/v1/nobody'),
  unknown('a project outside', '/api/v1/root/..%2f..%2fetc%2fpasswd'),
  unknown('groups', `${project}/groups/1`),
  unknown('jobs of a project', `${project}/jobs`),
  unknown('builds', `${project}/builds/1/logs`),
  unknown('a notebook', `${project}/notebook/start`),
  unknown('impersonation', `${managed}/impersonatetoken`),
  unknown('something else', `${managed}/nothing/at/all`),
];

const where = (name: string, query: string, names: readonly string[]) =>
  get(`${name}: ${query}`, `${experiments}?${query}`, 400, { names });
const lists: readonly Malformed[] = [
  where('a limit', 'limit=-1', ['limit']),
  where('a limit', 'limit=all', ['limit']),
  where('a limit', 'limit=1.5', ['limit']),
  where('a limit', 'limit=', ['limit']),
  where('a limit', 'limit=9999999999', ['limit']),
  where('two limits', 'limit=1&limit=2', ['limit']),
  where('an offset', 'offset=-1', ['offset']),
  where('an offset', 'offset=1e3', ['offset']),
  where('an offset', 'offset=99999999999999999999', ['offset']),
  where('both', 'limit=x&offset=y', ['limit', 'offset']),
  where('a flag', 'metrics=maybe', ['metrics']),
  where('a flag', 'independent=2', ['independent']),
  where('two queries', 'query=id:1&query=id:2', ['query']),
  where('a group', 'group=|', ['query']),
  get('a limit of projects', '/api/v1/root?limit=x', 400, { names: ['limit'] }),
  get('an offset of metrics', `${tracked}/metrics?offset=x`, 400, { names: ['offset'] }),
  get('a limit of statuses', `${tracked}/statuses?limit=-5`, 400, { names: ['limit'] }),
  get('a limit of jobs', `${managed}/jobs?limit=x`, 400, { names: ['limit'] }),
  get('a limit of bookmarks', '/api/v1/bookmarks/root/experiments?limit=x', 400, { names: ['limit'] }),
  get('bookmarks of another', '/api/v1/bookmarks/ann/experiments', 403),
];

const output = (name: string, path: string, status = 400) =>
  get(`${name}: ${path.slice(0, 40)}`, `${tracked}/outputs/${path}`, status, {
    names: status === 400 ? ['path'] : detail,
  });
const outputs: readonly Malformed[] = [
  output('a file', 'files?path=a%0Ab'),
  output('a file', 'files?path=a//b'),
  output('a file', 'files?path='),
  output('a file', 'files'),
  output('two files', 'files?path=a&path=b'),
  output('a long path', `files?path=${'x/'.repeat(600)}x`),
  output('a name that is what it says', 'files?path=a%23b', 404),
  output('a folder that is none', 'tree?path=nothing', 404),
  output('a file that is none', 'files?path=nothing', 404),
  output('a file outside', 'files/..%2f..%2fetc%2fpasswd', 404),
];

const handshake = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const stream = `${tracked}/logs/stream`;
const sockets: readonly Malformed[] = [
  get('a socket without an upgrade', stream, 400),
  get('a socket at the older path, without an upgrade', '/ws/v1/root/p/experiments/1/logs', 400),
  get('another version', stream, 400, { headers: { ...handshake, 'Sec-WebSocket-Version': '8' } }),
  get('a short key', stream, 400, { headers: { ...handshake, 'Sec-WebSocket-Key': 'eA==' } }),
  get('another protocol', stream, 400, { headers: { ...handshake, Upgrade: 'h2c' } }),
  get('a socket of nothing', `${experiments}/77/logs/stream`, 404, { headers: handshake }),
  get('a socket of a wrong id', `${experiments}/x/logs/stream`, 400, { headers: handshake, names: ['id'] }),
  get('a socket of no job', `${managed}/jobs/99/logs/stream`, 404, { headers: handshake }),
  get('resources without an upgrade', `${managed}/jobs/1/resources`, 400),
  get('a socket of resources of nothing', `${experiments}/77/resources`, 404, { headers: handshake }),
];

const form = (name: string, body: string, names: readonly string[] = detail): Malformed =>
  sent('/api/v1/users/token', name, body, { type: 'application/x-www-form-urlencoded', names });
const logins: readonly Malformed[] = [
  form('a login without password', 'username=root', ['password']),
  form('a login with a field twice', 'password=a&password=b', ['password']),
  form('a login with a broken escape', 'password=%zz'),
  form('a login with bytes that are no UTF-8', 'password=%ff'),
  form('a login with a NUL', 'password=a%00', ['password']),
  form('a login of 2000 fields', Array.from({ length: 2000 }, (_, at) => `a${at}=1`).join('&')),
  form('a login with a long password', `password=${'x'.repeat(5000)}`, ['password']),
  sent('/api/v1/users/token', 'a login with a list', { password: [] }, { names: ['password'] }),
  sent('/api/v1/users/token', 'an empty login', ''),
];

/** Requests of every kind but bodies of wrong types. */
export const malformedRequests: readonly Malformed[] = [
  ...notJson,
  ...tooMuch,
  ...wrongHeaders,
  ...wrongMethods,
  ...ids,
  ...lists,
  ...outputs,
  ...sockets,
  ...logins,
];
