import type { Environment } from '../../../src/core/model.js';
import type { EnvironmentInput } from '../../../src/services/documents/documents.js';
import type { EnvironmentSpecInput, EnvironmentWire } from '../wire/environment.js';
import { environmentIdOf } from './ids.js';
import { sentEnvironment } from './spec-from-core.js';

/** An environment to be stored, kept as sent. */
export function toEnvironment(sent: EnvironmentSpecInput): EnvironmentInput {
  return {
    name: sent.name,
    image: sent.image ?? null,
    dockerImage: sent.dockerImage ?? null,
    description: sent.description ?? null,
    document: sent,
  };
}

/** A stored environment as Submarine shows it. */
export function fromEnvironment(environment: Environment, storeCreatedAtMs: number): EnvironmentWire {
  return {
    environmentId: environmentIdOf(environment.sequence, storeCreatedAtMs),
    environmentSpec: sentEnvironment(environment.document),
  };
}
