import { parseQuantity } from '../../../src/core/quantity.js';
import type { Resources, Role } from '../../../src/core/spec.js';

/** The resources that Polyaxon knows. */
export const resourceKinds = ['cpu', 'memory', 'gpu', 'tpu'] as const;

/** One of them. */
export type ResourceKind = (typeof resourceKinds)[number];

/** What is asked for of one resource: cores, MiB of memory, devices. */
export interface Amounts {
  readonly requests: number | null;
  readonly limits: number | null;
}

/** Resources as the wire has them; its clients refuse other keys, and anything but numbers. */
export type ResourcesWire = Readonly<Record<ResourceKind, Amounts | null>>;

/** Resources as a file has them. */
export type ResourcesInput = {
  readonly [Kind in ResourceKind]?:
    | {
        readonly requests?: number | null | undefined;
        readonly limits?: number | null | undefined;
      }
    | null
    | undefined;
};

const names: Readonly<Record<ResourceKind, string>> = {
  cpu: 'cpu',
  memory: 'memory',
  gpu: 'nvidia.com/gpu',
  tpu: 'cloud-tpus.google.com/v2',
};

const bytesOfUnit = 1024 * 1024;

function toQuantity(kind: ResourceKind, amount: number): string {
  return kind === 'memory' ? `${amount}Mi` : String(amount);
}

/** A Kubernetes quantity in the unit of the wire; null if it is none. */
function fromQuantity(kind: ResourceKind, text: string | undefined): number | null {
  const parts = parseQuantity(text ?? '');
  if (parts === null) return null;
  // Not by way of bytes, which would cost digits.
  if (kind === 'memory' && parts.unit === 'Mi') return parts.digits;
  const amount = parts.digits * parts.factor;
  const inUnit = kind === 'memory' ? amount / bytesOfUnit : amount;
  return Number.isFinite(inUnit) ? inUnit : null;
}

/** What a replica asks for. */
export function toResources(sent: ResourcesInput | null | undefined): Resources {
  const side = (which: keyof Amounts) =>
    Object.fromEntries(
      resourceKinds.flatMap((kind) => {
        const amount = sent?.[kind]?.[which];
        return typeof amount === 'number' ? [[names[kind], toQuantity(kind, amount)]] : [];
      }),
    );
  return { requests: side('requests'), limits: side('limits') };
}

function sumOf(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  const [first] = known;
  if (first === undefined || known.length === 1) return first ?? null;
  // 0.1 + 0.2 is to be 0.3; no resource is finer than a nano-unit.
  return Number(known.reduce((sum, amount) => sum + amount, 0).toFixed(9));
}

function wireOf(all: readonly Resources[]): ResourcesWire | null {
  const entries = resourceKinds.map((kind): [ResourceKind, Amounts | null] => {
    const side = (which: keyof Amounts) =>
      sumOf(all.map((one) => fromQuantity(kind, one[which][names[kind]])));
    const amounts = { requests: side('requests'), limits: side('limits') };
    return [kind, amounts.requests === null && amounts.limits === null ? null : amounts];
  });
  if (entries.every(([, amounts]) => amounts === null)) return null;
  return Object.fromEntries(entries) as Record<ResourceKind, Amounts | null>;
}

/** What one replica asks for, as the wire has it; null for nothing. Resources that Polyaxon does not know are left out. */
export function fromResources(resources: Resources): ResourcesWire | null {
  return wireOf([resources]);
}

/** What all replicas of all roles ask for together. */
export function totalResources(roles: readonly Pick<Role, 'replicas' | 'resources'>[]): ResourcesWire | null {
  return wireOf(roles.flatMap(({ replicas, resources }) => Array<Resources>(replicas).fill(resources)));
}
