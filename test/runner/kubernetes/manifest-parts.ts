import type { RunPlan } from '../../../src/core/ports/runner.js';
import type { AddressOf } from '../../../src/core/topology.js';
import type { Owner } from '../../../src/runner/kubernetes/manifests.js';
import type { PodSetting } from '../../../src/runner/kubernetes/pod-template.js';
import { someSettings } from './settings.js';

export interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly env: readonly { name: string; value: string }[];
  readonly volumeMounts: readonly Record<string, unknown>[];
}

export interface PodSpec extends Record<string, unknown> {
  readonly containers: readonly [Container];
  readonly initContainers?: readonly [Container];
}

const addressOf: AddressOf = (role, index) => ({
  host: `${role.toLowerCase()}-${index}.run.ns.svc`,
  port: 2222,
});

/** Whose the objects of a plan are. */
export function ownerOf({ runId }: RunPlan): Owner {
  return { instance: 'i1', runId, attempt: 1, namespace: 'team' };
}

/** What pods of a plan are made of, but for what a test says. */
export function settingOf(plan: RunPlan, setting: Partial<PodSetting> = {}): PodSetting {
  return {
    plan,
    settings: someSettings(),
    addressOf,
    subdomain: 'r-x-1',
    graceSeconds: 10,
    shared: null,
    ...setting,
  };
}
