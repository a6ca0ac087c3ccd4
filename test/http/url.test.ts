import { describe, expect, it } from 'vitest';
import { addressedPath, isDecodable, isMisleading, tidyPath } from '../../src/http/url.js';

describe('tidyPath', () => {
  it.each([
    ['/api/v1/experiment', '/api/v1/experiment'],
    ['/api/v1/experiment/', '/api/v1/experiment'],
    ['/api/v1//experiment///x//', '/api/v1/experiment/x'],
    ['//api//v1/template/', '/api/v1/template'],
    ['/api/v1/', '/api/v1'],
    ['/ws/v1//root/p/', '/ws/v1/root/p'],
    ['/api/v1/experiment/?a=b//', '/api/v1/experiment'],
    ['/api/v1/%65xperiment', '/api/v1/experiment'],
    ['/api/v1/experiment/a%2Fb', '/api/v1/experiment/a%2Fb'],
    ['/api/v1x//y/', '/api/v1x//y/'],
    ['/api/2.0//mlflow/', '/api/2.0//mlflow/'],
    ['/health/', '/health/'],
    ['/', '/'],
  ])('of %s is %s', (path, tidied) => {
    expect(tidyPath(new Request(`http://127.0.0.1:5050${path}`))).toBe(tidied);
  });
});

describe('isDecodable', () => {
  it.each([
    ['/a', true],
    ['/a%20b?c=%C3%BC', true],
    ['/a%2F..', true],
    ['/a%00', false],
    ['/a?b=%00', false],
    ['/a%', false],
    ['/a%zz', false],
    ['/a%E0%A4%A', false],
    ['/a%FF', false],
    ['/a%C0%AF', false],
  ])('%s: %s', (path, expected) => {
    expect(isDecodable(`http://127.0.0.1${path}`)).toBe(expected);
  });
});

describe('isMisleading', () => {
  it.each([
    ['/a/b.c', false],
    ['/a/...', false],
    ['/a/.b', false],
    ['/a/b..', false],
    ['/a/%2e%2ex', false],
    ['/a/..%2fb', false],
    ['/a/%252e%252e/b', false],
    ['/a?path=../b', false],
    ['/a/..', true],
    ['/a/../b', true],
    ['/a/.', true],
    ['/a/./b', true],
    ['/a/%2e%2E/b', true],
    ['/a/.%2e', true],
    ['/..?a', true],
    ['/a\\..\\b', true],
    ['/a#', true],
    ['/a?b=#', true],
  ])('%s: %s', (target, expected) => {
    expect(isMisleading(target)).toBe(expected);
  });
});

describe('addressedPath', () => {
  it.each([
    ['/api/v1//experiments/', '/api/v1/experiments'],
    ['/api/v1/experiments/..', '/api/v1/experiments/..'],
    ['/api/v1/experiments/%2e%2e?a', '/api/v1/experiments/%2e%2e?a'],
  ])('of %s is %s', (target, path) => {
    expect(addressedPath(new Request(`http://127.0.0.1${target}`), target)).toBe(path);
  });

  it('is what is routed where nothing tells what was sent', () => {
    expect(addressedPath(new Request('http://127.0.0.1/api/v1/experiments/..'), undefined)).toBe('/api/v1');
  });
});
