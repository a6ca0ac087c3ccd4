import type { JobMeter } from '../../core/ports/meter.js';
import type { ServiceHost } from '../../core/ports/services.js';

/** No programs beside runs: a pod's port is not one of this machine's, so there is nothing to proxy to. */
export const noServices: ServiceHost = {
  limit: 0,
  hasProgram: async () => false,
  link: async () => {},
  listens: async () => false,
};

/** No measurements: what pods use is the cluster's own to say. */
export const noMeter: JobMeter = {
  usageOf: async () => [],
  nodes: async () => [],
};
