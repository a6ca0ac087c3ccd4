import { describe, expect, it } from 'vitest';
import {
  parseResources,
  resourcesText,
  toResources,
} from '../../../adapters/submarine/translate/resources.js';

describe('resources', () => {
  it.each([
    ['cpu=1,memory=1024M', { cpu: '1', memory: '1024M' }, { memory: '2048M' }],
    [
      'cpu=2,memory=2G,nvidia.com/gpu=1',
      { cpu: '2', memory: '2G', 'nvidia.com/gpu': '1' },
      { memory: '4G', 'nvidia.com/gpu': '1' },
    ],
    ['memory=1.5G', { memory: '1.5G' }, { memory: '3.0G' }],
    ['memory=1024Mi', { memory: '1024Mi' }, { memory: '2048Mi' }],
    ['memory=.5Gi', { memory: '.5Gi' }, { memory: '1.0Gi' }],
    ['memory=5e8', { memory: '5e8' }, { memory: '10e8' }],
    ['memory=99999999999999999999', { memory: '99999999999999999999' }, { memory: '199999999999999999998' }],
    ['cpu=500m', { cpu: '500m' }, {}],
    ['', {}, {}],
    // As in Submarine 0.8: names are not trimmed, and what has not exactly one `=` does not count.
    ['cpu=1, memory=1024M', { cpu: '1' }, {}],
    ['cpu=1=2,memory', {}, {}],
    ['yarn.io/gpu=1,cpu=1', { cpu: '1' }, {}],
    ['cpu=1,cpu=2', { cpu: '2' }, {}],
  ])('%j', (text, requests, limits) => {
    expect(parseResources(text)).toEqual(requests);
    expect(toResources(text, 'spec.Worker.resources')).toEqual({ requests, limits });
  });

  it.each([
    'cpu=',
    'cpu=x',
    'cpu=-1',
    'memory=1024MB',
    'memory=1 G',
    'memory=1e9999',
    'cpu=1.2.3',
    `cpu=${'9'.repeat(1_000_000)}x`,
  ])('%.20s is no quantity', (text) => {
    expect(() => toResources(text, 'spec.Worker.resources')).toThrow(
      /^spec\.Worker\.resources: the value of \w+ is not a quantity$/,
    );
  });

  it('are written as Submarine writes them', () => {
    expect(resourcesText({ cpu: '1', memory: '1G', 'nvidia.com/gpu': '2', 'ephemeral-storage': '1G' })).toBe(
      'cpu=1,memory=1G,nvidia.com/gpu=2',
    );
  });
});
