import { describe, expect, it } from 'vitest';
import { CoreError } from '../../src/core/errors.js';
import { createGuard, hostName } from '../../src/http/guard.js';

const guard = createGuard({
  url: 'https://franca.example',
  allowedHosts: ['localhost', 'franca.example'],
  allowedOrigins: ['https://ui.example.org'],
});

function refusal(host: string | undefined, origin?: string): string | null {
  try {
    guard.check(host, origin);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(CoreError);
    expect(error).toMatchObject({ code: 'forbidden' });
    return error instanceof Error ? error.message : '';
  }
}

describe('Host', () => {
  it.each([
    'localhost',
    'localhost:5050',
    'LOCALHOST:5050',
    'franca.example',
    'franca.example:443',
    '127.0.0.1',
    '127.0.0.1:5050',
    '10.1.2.3:80',
    '[::1]',
    '[::1]:5050',
    '[fe80::1]',
    '[::ffff:127.0.0.1]:5050',
  ])('takes %s', (host) => {
    expect(refusal(host)).toBeNull();
  });

  it.each([
    undefined,
    '',
    'evil.example',
    '10.evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'xlocalhost',
    'localhost.',
    'sub.franca.example',
    'franca.example.evil.org',
    '127.1',
    '2130706433',
    '0x7f000001',
    '127.0.0.1:5050:80',
    'localhost:',
    'localhost:999999',
    'user@localhost',
    'localhost@evil.example',
    'evil.example/localhost',
    'localhost, evil.example',
    'localhost evil.example',
    'evil.example#@localhost',
    '::1',
    '[::1',
    '[::1]evil.example',
    '[fe80::1%25eth0]',
    '[localhost]',
  ])('refuses %s, naming the setting', (host) => {
    expect(refusal(host)).toContain('FRANCA_ALLOWED_HOSTS');
  });
});

describe('Origin', () => {
  it.each([
    ['127.0.0.1:5050', 'http://127.0.0.1:5050'],
    ['localhost:5050', 'http://localhost:5050'],
    ['[::1]:5050', 'http://[::1]:5050'],
    ['franca.example', 'https://franca.example'],
    ['FRANCA.example', 'https://franca.example'],
    // A proxy that sends its own name on: the page comes from the public address.
    ['127.0.0.1:5050', 'https://franca.example'],
  ])('with Host %s takes its own, %s', (host, origin) => {
    expect(guard.check(host, origin)).toBeNull();
  });

  it('gives an allowed foreign origin, which needs CORS headers', () => {
    expect(guard.check('localhost', 'https://ui.example.org')).toBe('https://ui.example.org');
  });

  it.each([
    'null',
    '',
    'http://evil.example',
    'http://127.0.0.1:5051',
    'http://127.0.0.1',
    'http://127.0.0.1:5050.evil.example',
    'http://127.0.0.1:5050/',
    'http://user@127.0.0.1:5050',
    'ftp://127.0.0.1:5050',
    'http://localhost:5050',
    'https://ui.example.org.evil.example',
    'https://UI.example.org',
    'http://ui.example.org',
    'https://ui.example.org https://franca.example',
    'file://',
  ])('refuses %s, naming the setting', (origin) => {
    expect(refusal('127.0.0.1:5050', origin)).toContain('FRANCA_ALLOWED_ORIGINS');
  });
});

describe('hostName', () => {
  it.each([
    ['Example.ORG:80', 'example.org'],
    ['[::1]:80', '::1'],
    ['a b', null],
    ['', null],
  ])('of %s is %s', (header, name) => {
    expect(hostName(header)).toBe(name);
  });

  it('quotes little of a long foreign name', () => {
    expect(refusal(`${'a'.repeat(10_000)}.example`)?.length).toBeLessThan(300);
  });
});
