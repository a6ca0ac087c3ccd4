import { gzipSync } from 'node:zlib';
import { bareTarOf, tarHeader, tarOf } from '../../conformance/artifacts/tar.js';
import { type Malformed, project, sent } from './malformed-requests.js';

type Different = Partial<Omit<Malformed, 'name' | 'path'>>;

const boundary = 'between';
const type = `multipart/form-data; boundary=${boundary}`;
const disposition = 'Content-Disposition: form-data; name="repo"; filename="repo"';

/** A form of parts, each of lines of headers and a content. */
function form(...parts: readonly (readonly [headers: string, content: string | Buffer])[]): Buffer {
  const pieces = parts.flatMap(([headers, content]) => [
    Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

const upload = (name: string, body: string | Buffer, different: Different = {}): Malformed =>
  sent(`${project}/repo/upload`, name, body, { method: 'PUT', type, ...different });

const archive = (name: string, bytes: string | Buffer, different: Different = {}): Malformed =>
  upload(name, form([disposition, bytes]), { names: ['archive'], ...different });

const good = await tarOf([{ name: 'main.py', text: 'print()' }]);
const whole = form([disposition, good]);

/** Bytes that no compression makes smaller. */
const noise = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 2_654_435_761) % 251));
const broken = Buffer.from(good);
broken.fill(0xff, 12, 24);

const named = async (name: string) =>
  archive(`a file ${JSON.stringify(name).slice(0, 30)}`, await tarOf([{ name }]));
const typed = async (kind: 'symlink' | 'link' | 'fifo' | 'character-device', linkname: string) =>
  archive(`a ${kind} to ${linkname}`, await tarOf([{ name: 'x', type: kind, linkname }]));

const forms: readonly Malformed[] = [
  upload('JSON', '{}', { type: 'application/json', status: 415 }),
  upload('a bare archive', good, { type: 'application/gzip', status: 415 }),
  upload('no type', whole, { type: null, status: 415 }),
  upload('a form of the other kind', 'repo=x', { type: 'application/x-www-form-urlencoded', status: 415 }),
  upload('no boundary', whole, { type: 'multipart/form-data' }),
  upload('a long boundary', whole, { type: `multipart/form-data; boundary=${'x'.repeat(100)}` }),
  upload('another boundary', whole, { type: 'multipart/form-data; boundary=other' }),
  upload('nothing', ''),
  upload('no part', `--${boundary}--\r\n`, { names: ['repo'] }),
  upload('a form without an end', whole.subarray(0, whole.length - 40)),
  upload('another field', form([disposition.replace('name="repo"', 'name="code"'), good]), {
    names: ['code'],
  }),
  upload('a text in the place of the file', form(['Content-Disposition: form-data; name="repo"', 'x']), {
    names: ['repo'],
  }),
  upload('the file twice', form([disposition, good], [disposition, good]), { names: ['repo'] }),
  upload('a compressed form', gzipSync(whole), { headers: { 'Content-Encoding': 'gzip' }, status: 415 }),
  { ...upload('a project of nothing', whole, { status: 404 }), path: '/api/v1/root/nothing/repo/upload' },
];

/** Uploads that give 4xx. */
export const malformedUploads: readonly Malformed[] = [
  ...forms,
  archive('an empty file', ''),
  archive('a text', 'import os'),
  archive('a zip', 'PK\x03\x04'),
  archive('a tar without gzip', await bareTarOf([{ name: 'main.py', text: 'x' }])),
  archive('a gzip of no tar', gzipSync(noise)),
  archive('half an archive', good.subarray(0, good.length / 2)),
  archive('a broken archive', broken),
  archive('a file that is cut', gzipSync(Buffer.concat([await tarHeader('x', 100_000), noise]))),
  archive('an archive that swells', gzipSync(Buffer.concat([await tarHeader('x', 2e7), Buffer.alloc(2e7)])), {
    status: 413,
    names: ['detail'],
  }),
  archive(
    'a name twice',
    await tarOf([
      { name: 'x', text: '1' },
      { name: 'x', text: '2' },
    ]),
  ),
  archive('a file that is a folder, too', await tarOf([{ name: 'x' }, { name: 'x/y' }])),
  ...(await Promise.all(['../x', 'a/../../x', '/etc/x', 'a\\..\\x', '..'].map(named))),
  await typed('symlink', '/etc/passwd'),
  await typed('symlink', '../../x'),
  await typed('link', '/etc/passwd'),
  await typed('fifo', ''),
  await typed('character-device', ''),
];
