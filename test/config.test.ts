import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  describeSetting,
  type Flags,
  flagOf,
  hiddenSettings,
  loadConfig,
  settingNames,
  variableOf,
} from '../src/config.js';

type Environment = Record<string, string>;

function faultOf(flags: Flags, environment: Environment): string {
  try {
    loadConfig(flags, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was wrong');
}

describe('defaults', () => {
  it('are those of a newcomer on one machine', () => {
    expect(loadConfig({}, {})).toEqual({
      host: '127.0.0.1',
      port: 5050,
      url: 'http://127.0.0.1:5050',
      jobUrl: 'http://127.0.0.1:5050',
      allowedHosts: ['localhost', '127.0.0.1'],
      allowedOrigins: [],
      dataFolder: resolve('franca-data'),
      databaseUrl: null,
      authRequired: false,
      token: null,
      user: 'root',
      workspace: 'root',
      runner: 'local',
      kubernetes: null,
      localSlots: availableParallelism(),
      localServices: 4,
      shutdownSeconds: 5,
      logLevel: 'info',
      inherited: { PATH: undefined, LANG: undefined },
      crash: null,
      clockFile: null,
    });
  });

  it.each<[Environment, object]>([
    [{ FRANCA_HOST: 'localhost' }, { authRequired: false, url: 'http://localhost:5050' }],
    [{ FRANCA_HOST: '127.9.9.9' }, { authRequired: false }],
    [{ FRANCA_HOST: '::1' }, { authRequired: false, url: 'http://[::1]:5050' }],
    [{ FRANCA_HOST: '0.0.0.0' }, { authRequired: true, url: 'http://127.0.0.1:5050' }],
    [{ FRANCA_HOST: '::' }, { authRequired: true, url: 'http://[::1]:5050' }],
    [
      { FRANCA_HOST: '192.168.1.2', FRANCA_PORT: '80' },
      { authRequired: true, url: 'http://192.168.1.2:80' },
    ],
    [
      { FRANCA_HOST: 'Franca.Example' },
      { authRequired: true, allowedHosts: ['localhost', 'franca.example'] },
    ],
    [{ FRANCA_AUTH: 'token' }, { authRequired: true }],
    [
      { FRANCA_URL: 'https://franca.example/' },
      { url: 'https://franca.example', jobUrl: 'https://franca.example' },
    ],
    [
      { FRANCA_URL: 'https://a.example', FRANCA_JOB_URL: 'http://b.example:5050' },
      { jobUrl: 'http://b.example:5050', allowedHosts: ['localhost', 'a.example', 'b.example'] },
    ],
    [
      { FRANCA_URL: 'https://a.example', FRANCA_ALLOWED_HOSTS: 'C.example, d.example' },
      { allowedHosts: ['c.example', 'd.example', 'a.example'] },
    ],
    [
      { FRANCA_ALLOWED_ORIGINS: 'https://a.example, http://b:8080' },
      { allowedOrigins: ['https://a.example', 'http://b:8080'] },
    ],
    [{ FRANCA_USER: 'ann' }, { user: 'ann', workspace: 'ann' }],
    [{ FRANCA_USER: 'ann', FRANCA_WORKSPACE: 'team-1' }, { workspace: 'team-1' }],
    [{ FRANCA_DATA: '/srv/x/../franca' }, { dataFolder: '/srv/franca' }],
    [{ FRANCA_DB: 'postgres://u:p@h/d' }, { databaseUrl: 'postgres://u:p@h/d' }],
    [{ FRANCA_LOCAL_SLOTS: '0' }, { localSlots: 0 }],
    [{ FRANCA_SHUTDOWN_SECONDS: '0' }, { shutdownSeconds: 0 }],
    [
      { FRANCA_PORT: '', FRANCA_URL: '' },
      { port: 5050, url: 'http://127.0.0.1:5050' },
    ],
    [{ PATH: '/bin', LANG: 'C', HOME: '/root' }, { inherited: { PATH: '/bin', LANG: 'C' } }],
    [{ FRANCA_TEST_CRASH: 'submit.end' }, { crash: { point: 'submit.end', pass: 1 } }],
    [{ FRANCA_TEST_CRASH: 'submit.end:7' }, { crash: { point: 'submit.end', pass: 7 } }],
    [{ FRANCA_TEST_CLOCK: '/srv/x/../offset' }, { clockFile: '/srv/offset' }],
  ])('of %o', (environment, expected) => {
    expect(loadConfig({}, environment)).toMatchObject(expected);
  });
});

describe('flags', () => {
  it('win over the environment', () => {
    const config = loadConfig({ port: '6000', user: 'ann' }, { FRANCA_PORT: '7000', FRANCA_WORKSPACE: 'w' });
    expect(config).toMatchObject({ port: 6000, user: 'ann', workspace: 'w' });
  });

  it('are named when they are wrong', () => {
    expect(faultOf({ port: 'x' }, { FRANCA_PORT: '7000' })).toMatch(/^--port \(FRANCA_PORT\) /);
    expect(faultOf({ port: '7000' }, { FRANCA_SHUTDOWN_SECONDS: 'x' })).toMatch(/^FRANCA_SHUTDOWN_SECONDS /);
  });
});

describe('a wrong setting is named in one line', () => {
  it.each<[string, readonly string[]]>([
    ['FRANCA_HOST', ['a b', 'http://x', 'x:80', '*', '-x', '[::1]']],
    ['FRANCA_PORT', ['0', '65536', '-1', '80x', '1e3', '0x50', ' ', 'tcp://10.0.0.1:5050']],
    [
      'FRANCA_URL',
      ['franca.example', 'ftp://x', 'http://', 'http://u:p@x', 'http://x?a', 'http://x#a', 'javascript:x'],
    ],
    ['FRANCA_JOB_URL', ['/x']],
    ['FRANCA_ALLOWED_HOSTS', ['*', 'a,,b', 'a:80', 'http://a', '*.example']],
    [
      'FRANCA_ALLOWED_ORIGINS',
      ['*', 'null', 'a.example', 'https://a.example/', 'https://A.example', 'http://b:80', 'file://x'],
    ],
    ['FRANCA_DB', ['mysql://x', '/var/x.db', 'postgres://']],
    ['FRANCA_AUTH', ['None', 'basic', 'no']],
    ['FRANCA_TOKEN', ['a b', 'ü', 'a\nb']],
    ['FRANCA_USER', ['a b', 'a/b', 'x'.repeat(65), 'ü', 'Projects']],
    ['FRANCA_WORKSPACE', ['..', 'a.b']],
    ['FRANCA_RUNNER', ['k8s', 'Local']],
    ['FRANCA_LOCAL_SLOTS', ['-1', 'all', '100001']],
    ['FRANCA_LOCAL_SERVICES', ['-1', 'all', '1001']],
    ['FRANCA_SHUTDOWN_SECONDS', ['-1', '1.5', '3601', 'Infinity']],
    ['FRANCA_LOG_LEVEL', ['verbose', 'INFO']],
    ['FRANCA_TEST_CRASH', ['nowhere', 'submit.end:0', 'submit.end:x', ':']],
  ])('%s', (variable, values) => {
    for (const value of values) {
      const fault = faultOf({}, { [variable]: value });
      expect(fault.startsWith(`${variable} `)).toBe(true);
      expect(fault).not.toContain('\n');
    }
  });

  it('shows neither token nor password', () => {
    expect(faultOf({}, { FRANCA_TOKEN: 'very secret' })).not.toContain('secret');
    expect(faultOf({}, { FRANCA_DB: 'mysql://u:secret@h' })).not.toContain('secret');
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'franca.example', '::ffff:127.0.0.1', '127.evil.example'])(
    'no authentication on %s: both settings',
    (host) => {
      const fault = faultOf({}, { FRANCA_HOST: host, FRANCA_AUTH: 'none' });
      expect(fault).toContain('FRANCA_AUTH');
      expect(fault).toContain('FRANCA_HOST');
    },
  );

  it.each([
    ['FRANCA_TEST_CRASH', 'submit.end'],
    ['FRANCA_TEST_CLOCK', '/srv/offset'],
  ])('%s on other addresses than loopback is refused', (variable, value) => {
    expect(faultOf({}, { FRANCA_HOST: '0.0.0.0', [variable]: value })).toContain(variable);
  });
});

describe('the table', () => {
  it('names variables and flags alike', () => {
    expect(variableOf('allowedHosts')).toBe('FRANCA_ALLOWED_HOSTS');
    expect(flagOf('shutdownSeconds')).toBe('--shutdown-seconds');
  });

  it('describes every setting, and gives plain defaults', () => {
    for (const name of settingNames) expect(describeSetting(name).description).not.toBe('');
    expect(describeSetting('port').standard).toBe('5050');
    expect(describeSetting('url').standard).toBeNull();
    expect([...hiddenSettings]).toEqual(['testCrash', 'testClock']);
  });
});
