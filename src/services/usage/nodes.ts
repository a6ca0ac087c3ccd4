import type { ComputeNode } from '../../core/ports/index.js';
import type { Context } from '../context.js';

/** The machines that jobs may run on, in an order that stays. Whoever may ask anything may ask for them. */
export function listNodes({ ports }: Context): Promise<readonly ComputeNode[]> {
  return ports.meter.nodes();
}
