import { get, gets, post, type Scenario, type Step, scenario, send } from '../steps.js';

const text = { type: 'text/plain' } as const;
const files = '<files>/artifacts';
const root = `${files}/<first>/<run>/artifacts`;
/** Where what is put at odd paths lies apart. */
const other = `${files}/<first>/<other>/artifacts`;

const put = (name: string, path: string, body: string | Buffer, type: string | null = 'text/plain') =>
  send('PUT', name, path.startsWith('<') ? path : `${root}/${path}`, body, { type });

const remove = (name: string, path: string) => send('DELETE', name, path, undefined);

/** Paths that lead elsewhere, as they stand in an address. */
const climbing: readonly (readonly [name: string, path: string])[] = [
  ['a path that climbs', '..%2F..%2Fsecret'],
  ['a path that climbs within', 'a%2F..%2F..%2F..%2Fsecret'],
  ['a path that climbs to a sibling', 'a%2F..%2Fb.txt'],
  ['a path that is a root', '%2Fetc%2Fpasswd'],
  ['a path with backslashes', '..%5C..%5Csecret'],
  ['a path encoded twice', '..%252F..%252Fsecret'],
  ['a path with a scheme', 'file:%2F%2F%2Fetc%2Fpasswd'],
  ['a path with a drive', 'C:%5Cx'],
  ['a path with a NUL', 'a%00b'],
  ['a path of points', '..'],
  ['a path with a hash', 'a%23b'],
  ['a path with a question mark', 'a%3Fb'],
];

const listed = (name: string, query: string): Step => get(name, `/artifacts/list?run_id=<run>${query}`);
const fetched = (name: string, query: string, headers?: Readonly<Record<string, string>>): Step =>
  get(name, `root:/get-artifact?${query}`, headers === undefined ? {} : { headers });

export const artifacts: readonly Scenario[] = [
  scenario('artifacts', [
    post(
      'the experiment',
      '/experiments/create',
      { name: 'artifacts <pass>' },
      { learn: { first: 'experiment_id' } },
    ),
    post(
      'the run',
      '/runs/create',
      { experiment_id: '<first>', run_name: 'run', start_time: 1_600_000_000_000 },
      {
        learn: { run: 'run.info.run_id' },
      },
    ),
    post(
      'another run',
      '/runs/create',
      { experiment_id: '<first>', run_name: 'other', start_time: 1_600_000_000_000 },
      { learn: { other: 'run.info.run_id' } },
    ),
    listed('none yet', ''),
    get('none yet, by the proxy', `${files}?path=<first>/<run>/artifacts`),
    put('put', 'a.txt', 'hello'),
    put('put again', 'a.txt', 'hello again'),
    put('put an empty one', 'empty.bin', '', 'application/octet-stream'),
    put('put in a folder', 'folder/deep/b.json', '{"b": 1}', 'application/json'),
    put('put without a type', 'typeless', 'x', null),
    put('put HTML', 'page.html', '<SCRIPT>alert(1)</SCRIPT>', 'text/html'),
    put('put with a blank in its name', 'a%20b%20%C3%A9%F0%9F%98%80.txt', 'x'),
    put('put a picture', 'p.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]), 'image/png'),
    put('put 100 kB', 'big.bin', Buffer.alloc(100_000, 7), 'application/octet-stream'),
    put('put where a folder is', 'folder', 'x'),
    put('put below a file', 'a.txt/b', 'x'),
    put('put at no name', `${root}/`, 'x'),
    ...climbing.map(([name, path]) => put(`put at ${name}`, `${other}/${path}`, 'x')),
    listed('all', ''),
    listed('a folder', '&path=folder'),
    listed('a folder with a slash', '&path=folder%2F'),
    listed('a deep folder', '&path=folder%2Fdeep'),
    listed('a file', '&path=a.txt'),
    listed('what there is not', '&path=none'),
    listed('an empty path', '&path='),
    ...climbing.map(([name, path]) => listed(`at ${name}`, `&path=${path}`)),
    ...gets([
      ['by its older name', '/artifacts/list?run_uuid=<run>'],
      ['of no run', '/artifacts/list', 'run_id'],
      ['of a run that there is not', `/artifacts/list?run_id=${'0'.repeat(32)}`],
      ['with a token', '/artifacts/list?run_id=<run>&page_token=x'],
      ['by the proxy', `${files}?path=<first>/<run>/artifacts`],
      ['by the proxy, a folder', `${files}?path=<first>/<run>/artifacts/folder`],
      ['by the proxy, nothing', `${files}?path=none`],
      ['by the proxy, climbing', `${files}?path=..%2F..`],
      ['by the proxy, from the root', `${files}?path=%2Fetc`],
      ['read', `${root}/a.txt`],
      ['read an empty one', `${root}/empty.bin`],
      ['read in a folder', `${root}/folder/deep/b.json`],
      ['read HTML', `${root}/page.html`],
      ['read with a blank in its name', `${root}/a%20b%20%C3%A9%F0%9F%98%80.txt`],
      ['read a folder', `${root}/folder`],
      ['read what there is not', `${root}/none`],
      ['read of a run that there is not', `${files}/<first>/${'0'.repeat(32)}/artifacts/a.txt`],
    ]),
    ...climbing.map(([name, path]) => get(`read at ${name}`, `${other}/${path}`)),
    send('HEAD', 'read the head', `${root}/a.txt`, undefined),
    ...(
      [
        ['the first bytes', 'bytes=0-3'],
        ['the last bytes', 'bytes=-3'],
        ['from a byte on', 'bytes=6-'],
        ['behind the end', 'bytes=100-200'],
        ['two ranges', 'bytes=0-1,3-4'],
        ['a range that is none', 'bytes=x'],
      ] as const
    ).flatMap(([name, range]) => [
      get(`read ${name}`, `${root}/a.txt`, { headers: { Range: range } }),
      fetched(`got ${name}`, 'run_id=<run>&path=a.txt', { Range: range }),
    ]),
    fetched('got', 'run_id=<run>&path=a.txt'),
    fetched('got by its older name', 'run_uuid=<run>&path=folder/deep/b.json'),
    fetched('got HTML', 'run_id=<run>&path=page.html'),
    fetched('got a picture', 'run_id=<run>&path=p.png'),
    fetched('got with a blank in its name', 'run_id=<run>&path=a%20b%20%C3%A9%F0%9F%98%80.txt'),
    fetched('got a folder', 'run_id=<run>&path=folder'),
    fetched('got what there is not', 'run_id=<run>&path=none'),
    fetched('got without a path', 'run_id=<run>'),
    fetched('got without a run', 'path=a.txt'),
    fetched('got of a run that there is not', `run_id=${'0'.repeat(32)}&path=a.txt`),
    ...climbing.map(([name, path]) => fetched(`got at ${name}`, `run_id=<other>&path=${path}`)),
    send(
      'POST',
      'uploaded',
      'root:/ajax-api/2.0/mlflow/upload-artifact?run_uuid=<run>&path=up/c.txt',
      'hello',
      text,
    ),
    send('POST', 'uploaded without a run', 'root:/ajax-api/2.0/mlflow/upload-artifact?path=c.txt', 'x', text),
    send(
      'POST',
      'uploaded without a path',
      'root:/ajax-api/2.0/mlflow/upload-artifact?run_uuid=<run>',
      'x',
      text,
    ),
    send(
      'POST',
      'uploaded at a path that climbs',
      'root:/ajax-api/2.0/mlflow/upload-artifact?run_uuid=<run>&path=..%2Fc.txt',
      'x',
      text,
    ),
    send(
      'POST',
      'uploaded to a run that there is not',
      `root:/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${'0'.repeat(32)}&path=c.txt`,
      'x',
      text,
    ),
    listed('what was uploaded', '&path=up'),
    post('in parts', '<files>/mpu/create/<first>/<run>/artifacts/parts.bin', {
      path: 'parts.bin',
      num_parts: 2,
    }),
    post('in parts, without a number', '<files>/mpu/create/<first>/<run>/artifacts/parts.bin', {
      path: 'parts.bin',
    }),
    get('presigned', '<files>/presigned/<first>/<run>/artifacts/a.txt'),
    remove('removed', `${root}/a.txt`),
    remove('removed again', `${root}/a.txt`),
    remove('removed with what is in it', `${root}/folder`),
    ...climbing.map(([name, path]) => remove(`removed at ${name}`, `${other}/${path}`)),
    listed('what is left', ''),
    send('POST', 'by POST', `${root}/a.txt`, 'x', text),
    post('the run is deleted', '/runs/delete', { run_id: '<run>' }),
    listed('of a deleted run', ''),
    put('put to a deleted run', 'late.txt', 'x'),
  ]),
];
