import { v5 } from 'uuid';
import { uuidToHex } from '../../../src/core/ids.js';
import type { ComputeNode } from '../../../src/core/ports/index.js';
import type { NodeWire } from '../wire/cluster.js';

/** A machine that jobs run on, in its place in the list of them. Its uuid is made of its name. */
export function fromNode({ name, cores, memoryBytes }: ComputeNode, place: number): NodeWire {
  return {
    sequence: place + 1,
    uuid: uuidToHex(v5(name, v5.DNS)),
    name,
    hostname: name,
    role: 'master',
    status: 'ready',
    memory: memoryBytes,
    cpu: cores,
    n_gpus: 0,
    gpus: [],
  };
}
