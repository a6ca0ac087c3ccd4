import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf, secretOf } from '../../src/http/auth.js';
import { createToken } from '../../src/services/accounts/create-token.js';
import { createSite, type Site } from './support.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('secretOf', () => {
  it.each([
    [undefined, null],
    ['token abc', 'abc'],
    ['Token abc', 'abc'],
    ['TOKEN   abc', 'abc'],
    ['Bearer abc', 'abc'],
    ['bearer abc.def-_~+/==', 'abc.def-_~+/=='],
    ['  bearer abc  ', 'abc'],
    [basic('user:abc'), 'abc'],
    [basic('user:a:b:c'), 'a:b:c'],
    [basic(':abc'), 'abc'],
    [basic('üser:ß'), 'ß'],
    [basic('user:').toUpperCase().replace('BASIC', 'bAsIc').slice(0, 6), ''],
    [basic('user'), ''],
    ['Basic !!!!', ''],
    ['Basic', ''],
    ['Bearer', ''],
    ['Bearer a b', ''],
    ['abc', ''],
    ['', ''],
    ['Digest username="x"', ''],
    ['Negotiate abc', ''],
  ])('of %s is %s', (header, secret) => {
    expect(secretOf(header)).toBe(secret);
  });
});

describe('contextOf', () => {
  let open: Site;
  let closed: Site;
  let token: string;

  beforeAll(async () => {
    open = await createSite();
    closed = await createSite({ auth: 'token', token: 'the-settings-token' });
    ({ secret: token } = await createToken(closed.deps.ports, {
      user: 'root',
      label: null,
      expiresAt: null,
    }));
  });

  afterAll(async () => {
    await open.remove();
    await closed.remove();
  });

  it.each([undefined, 'Bearer anything', 'nonsense', 'Basic !!!!'])(
    'where none is needed %s acts as the user',
    async (header) => {
      expect((await contextOf(open.deps, header)).actor.user.name).toBe('root');
    },
  );

  it.each([undefined, 'Bearer wrong', 'nonsense', 'Bearer', 'Basic !!!!'])(
    'where one is needed %s is refused',
    async (header) => {
      await expect(contextOf(closed.deps, header)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  it('takes an issued token, and FRANCA_TOKEN, by each scheme', async () => {
    for (const secret of [token, 'the-settings-token']) {
      for (const header of [`token ${secret}`, `Bearer ${secret}`, basic(`anybody:${secret}`)]) {
        const context = await contextOf(closed.deps, header);
        expect(context.actor.user.name).toBe('root');
        expect(context.workspace.name).toBe('root');
      }
    }
  });
});
