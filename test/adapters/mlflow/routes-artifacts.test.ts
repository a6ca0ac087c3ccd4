import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient, objectOf } from './harness.js';

const proxy = '/api/2.0/mlflow-artifacts/artifacts';

let client: Client;
let id: string;
let root: string;

beforeEach(async () => {
  client = await createClient();
  const { body } = await client.call('POST', '/api/2.0/mlflow/runs/create', { body: { experiment_id: '0' } });
  id = String(objectOf(objectOf(objectOf(body).run).info).run_id);
  root = `${proxy}/0/${id}/artifacts`;
});

afterEach(() => client.close());

const put = (path: string, content: string, type: string | null = null) =>
  client.call('PUT', path, { body: content, type });
const list = async (query = '') =>
  objectOf((await client.call('GET', `/api/2.0/mlflow/artifacts/list?run_id=${id}${query}`)).body);

describe('artifacts', () => {
  it('are put, listed, got, got in part, and deleted', async () => {
    expect(await put(`${root}/a.txt`, 'hello', 'text/plain')).toMatchObject({ http: 200, text: '' });
    expect((await put(`${root}/model/d%C3%BC%20x.bin`, '0123456789')).http).toBe(200);
    expect(await list()).toEqual({
      root_uri: `mlflow-artifacts:/0/${id}/artifacts`,
      files: [
        { path: 'a.txt', is_dir: false, file_size: 5 },
        { path: 'model', is_dir: true },
      ],
    });
    expect((await list('&path=model')).files).toEqual([
      { path: 'model/dü x.bin', is_dir: false, file_size: 10 },
    ]);
    expect((await list('&path=a.txt')).files).toEqual([]);
    const proxied = await client.call('GET', `${proxy}?path=0/${id}/artifacts/model`);
    expect(proxied.body).toEqual({ files: [{ path: 'dü x.bin', is_dir: false, file_size: 10 }] });

    const got = await client.call('GET', `${root}/a.txt`);
    expect(got.text).toBe('hello');
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="a.txt"',
      'content-length': '5',
      'x-content-type-options': 'nosniff',
    });
    const query = `run_uuid=${id}&path=${encodeURIComponent('model/dü x.bin')}`;
    const part = await client.raw('GET', `/get-artifact?${query}`, { headers: { Range: 'bytes=2-4' } });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    const beyond = await client.call('GET', `/get-artifact?${query}`, { headers: { Range: 'bytes=10-' } });
    expect(beyond.http).toBe(416);

    expect((await client.call('DELETE', `${root}/model`)).body).toEqual({});
    expect((await client.call('GET', `${root}/model/d%C3%BC%20x.bin`)).http).toBe(404);
  });

  it('have their SHA-256 as ETag, by which a client need not get them again', async () => {
    await put(`${root}/a.txt`, 'hello');
    const etag = `"${createHash('sha256').update('hello').digest('hex')}"`;
    const get = (headers: Record<string, string>) => client.raw('GET', `${root}/a.txt`, { headers });
    const range = { Range: 'bytes=1-2' };
    for (const [headers, status, text] of [
      [{}, 200, 'hello'],
      [{ 'If-None-Match': '"other"' }, 200, 'hello'],
      [{ 'If-None-Match': `"other", W/${etag}` }, 304, ''],
      [{ 'If-None-Match': '*' }, 304, ''],
      [range, 206, 'el'],
      [{ ...range, 'If-Range': etag }, 206, 'el'],
      [{ ...range, 'If-Range': '"other"' }, 200, 'hello'],
    ] as const) {
      const answer = await get(headers);
      expect([headers, answer.status, await answer.text()]).toEqual([headers, status, text]);
      expect(answer.headers.get('etag')).toBe(etag);
    }
    await put(`${root}/a.txt`, 'other');
    expect(await (await get({ 'If-None-Match': etag })).text()).toBe('other');
  });

  it('are put by pages, small ones', async () => {
    const path = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${id}`;
    expect((await client.call('POST', `${path}&path=x/y.txt`, { body: 'hi', type: null })).http).toBe(200);
    expect((await client.call('GET', `${root}/x/y.txt`)).text).toBe('hi');
    expect((await client.call('POST', path, { body: 'hi', type: null })).http).toBe(400);
    const large = await client.call('POST', `${path}&path=z`, {
      body: 'x'.repeat(10 * 1024 * 1024 + 1),
      type: null,
    });
    expect(large.http).toBe(413);
    expect((await list()).files).toEqual([{ path: 'x', is_dir: true }]);
  });

  it('are replaced as a whole', async () => {
    await put(`${root}/a.txt`, 'first');
    await put(`${root}/a.txt`, 'second');
    expect((await client.call('GET', `${root}/a.txt`)).text).toBe('second');
    expect((await put(`${root}/a.txt/b`, 'x')).http).toBe(400);
  });

  it('are seen by nobody where their run is deleted for good, and changed by nobody where it is trashed', async () => {
    await put(`${root}/a.txt`, 'x');
    await client.call('POST', '/api/2.0/mlflow/runs/delete', { body: { run_id: id } });
    expect((await client.call('GET', `${root}/a.txt`)).text).toBe('x');
    expect((await put(`${root}/b.txt`, 'x')).http).toBe(400);
    expect((await client.call('DELETE', `${root}/a.txt`)).http).toBe(400);
  });

  it('have no other address, so that clients put them whole', async () => {
    for (const [method, verb] of [
      ['POST', 'mpu/create'],
      ['POST', 'mpu/complete'],
      ['POST', 'mpu/abort'],
      ['GET', 'presigned'],
    ] as const) {
      const path = `/api/2.0/mlflow-artifacts/${verb}/0/${id}/artifacts/a.bin`;
      const { http, body } = await client.call(method, path);
      expect([verb, http, objectOf(body).error_code]).toEqual([verb, 501, 'NOT_IMPLEMENTED']);
    }
  });

  it('of nothing are none', async () => {
    for (const path of [`${proxy}/foo/bar`, `${proxy}/0/${'0'.repeat(32)}/artifacts/x`, `${root}/none`])
      expect((await client.call('GET', path)).body).toMatchObject({ error_code: 'RESOURCE_DOES_NOT_EXIST' });
    expect((await put(`${proxy}/foo/bar`, 'x')).http).toBe(404);
    expect((await client.call('DELETE', root)).http).toBe(400);
    expect((await client.call('GET', `${proxy}?path=0`)).body).toEqual({ files: [] });
    expect((await client.call('GET', root)).http).toBe(400);
  });
});
