import { describe, expect, it } from 'vitest';
import { accepts } from '../../src/http/accept.js';

describe('accepts application/json', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['*/*', true],
    ['*', true],
    ['application/json', true],
    ['APPLICATION/JSON', true],
    ['application/json;charset=utf-8', true],
    ['application/*', true],
    ['text/html, application/json;q=0.1', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['text/html', false],
    ['application/xml', false],
    ['application/json;q=0', false],
    ['application/json; Q=0.0, */*', false],
    ['*/*;q=0', false],
    ['application/*;q=0, */*', false],
    ['application/json, */*;q=0', true],
    ['application/jsonx', false],
    ['nonsense', false],
    [';;;,,,', false],
  ])('%s: %s', (header, expected) => {
    expect(accepts(header, 'application/json')).toBe(expected);
  });
});
