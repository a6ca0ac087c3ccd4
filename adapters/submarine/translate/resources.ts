import { invalid } from '../../../src/core/errors.js';
import type { Resources } from '../../../src/core/spec.js';

/** The resources that Submarine knows; others are ignored. */
export const resourceNames = ['cpu', 'memory', 'nvidia.com/gpu'] as const;

type ResourceName = (typeof resourceNames)[number];

const quantity = /^\+?((?:[0-9]+\.?[0-9]*|\.[0-9]+))((?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?)$/;

function isKnown(name: string): name is ResourceName {
  return (resourceNames as readonly string[]).includes(name);
}

/**
 * The items of `cpu=1,memory=1024M`. As in Submarine 0.8 items without exactly one `=` do not count,
 * names are not trimmed, and unknown ones are ignored; of equal names the last one counts.
 */
export function parseResources(text: string): Partial<Record<ResourceName, string>> {
  const items: Partial<Record<ResourceName, string>> = {};
  for (const item of text.split(',')) {
    const [name = '', value, ...more] = item.split('=');
    if (value !== undefined && more.length === 0 && isKnown(name)) items[name] = value;
  }
  return items;
}

/** Twice a decimal quantity, in its own unit. */
function twice(value: string): string {
  const [, number = '', unit = ''] = quantity.exec(value) ?? [];
  const [whole = '', fraction = ''] = number.split('.');
  const digits = (BigInt(whole + fraction) * 2n).toString().padStart(fraction.length + 1, '0');
  const point = digits.length - fraction.length;
  return `${digits.slice(0, point)}${fraction === '' ? '' : `.${digits.slice(point)}`}${unit}`;
}

/**
 * What a replica asks for. Submarine lets it use twice the memory that it asks for, and no more than
 * the GPUs.
 *
 * @param path where the text stands in the request, for errors.
 * @throws CoreError `invalid` for a value that is no Kubernetes quantity.
 */
export function toResources(text: string, path: string): Resources {
  const requests = parseResources(text);
  for (const [name, value] of Object.entries(requests)) {
    if (value.length <= 32 && quantity.test(value)) continue;
    throw invalid(path, `the value of ${name} is not a quantity`);
  }
  const { memory, 'nvidia.com/gpu': gpu } = requests;
  const limits = {
    ...(memory === undefined ? {} : { memory: twice(memory) }),
    ...(gpu === undefined ? {} : { 'nvidia.com/gpu': gpu }),
  };
  return { requests, limits };
}

/** Requests as Submarine writes them. */
export function resourcesText(requests: Readonly<Record<string, string>>): string {
  return Object.entries(requests)
    .filter(([name]) => isKnown(name))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
