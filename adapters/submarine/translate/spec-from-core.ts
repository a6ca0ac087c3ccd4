import type { CodeRef } from '../../../src/core/model.js';
import type { Role, RunSpec } from '../../../src/core/spec.js';
import type { EnvironmentSpecWire } from '../wire/environment.js';
import type { CodeSpecWire, ExperimentSpecWire, TaskWire } from '../wire/experiment-spec.js';
import { frameworkName } from './framework.js';
import { isRecord, mapValues, recordOf, textOf, textsOf } from './json.js';
import { parseResources, resourcesText } from './resources.js';

/** What a spec shows that is not its own but its run's. */
export interface RunFacts {
  readonly name: string;
  readonly tags: readonly string[];
  readonly experimentId: string;
  /** What a run of another dialect is made with, as its client or its spec says. */
  readonly framework: string | null;
  /** The code of a run of another dialect, as its client read it from Git. */
  readonly codeRef: CodeRef | null;
}

/**
 * A run's spec as Submarine shows it. One that came through Submarine is what was sent, with every key
 * that clients look for; of another dialect's, or of none, what the neutral part says.
 */
export function fromSpec(spec: RunSpec | null, facts: RunFacts): ExperimentSpecWire {
  if (spec?.source.dialect === 'submarine') return sentSpec(recordOf(JSON.parse(spec.source.text)), facts);
  return neutralSpec(spec, facts);
}

function sentSpec(sent: Record<string, unknown>, facts: RunFacts): ExperimentSpecWire {
  const meta = recordOf(sent.meta);
  return {
    ...sent,
    meta: {
      ...meta,
      name: facts.name,
      namespace: textOf(meta.namespace) ?? 'default',
      framework: textOf(meta.framework),
      cmd: textOf(meta.cmd),
      envVars: textsOf(meta.envVars) ?? {},
      tags: inSentOrder(meta.tags, facts.tags),
      experimentId: facts.experimentId,
    },
    environment: sentEnvironment(sent.environment),
    spec: mapValues(recordOf(sent.spec), sentTask),
    // The schema of what was taken is the schema of what is shown.
    code: isRecord(sent.code) ? (sent.code as CodeSpecWire) : null,
    experimentHandlerSpec: textsOf(sent.experimentHandlerSpec),
  };
}

/** The run's tags; those that came with the spec first, as they came. */
function inSentOrder(sent: unknown, tags: readonly string[]): string[] {
  const left = new Set(tags);
  const kept = (Array.isArray(sent) ? sent : []).filter((tag): tag is string => left.has(tag));
  for (const tag of kept) left.delete(tag);
  return [...kept, ...left];
}

/** An environment with every key, as sent to be stored or within an experiment. */
export function sentEnvironment(value: unknown): EnvironmentSpecWire {
  const sent = recordOf(value);
  return {
    ...sent,
    name: textOf(sent.name),
    dockerImage: textOf(sent.dockerImage),
    kernelSpec: isRecord(sent.kernelSpec) ? sent.kernelSpec : null,
    description: textOf(sent.description),
    image: textOf(sent.image),
  };
}

function sentTask(value: unknown): TaskWire {
  const sent = recordOf(value);
  const resources = textOf(sent.resources) ?? '';
  return {
    ...sent,
    replicas: Math.trunc(Number(sent.replicas ?? 1)) || 0,
    resources,
    resourceMap: parseResources(resources) as Record<string, string>,
    name: textOf(sent.name),
    image: textOf(sent.image),
    cmd: textOf(sent.cmd),
    envVars: textsOf(sent.envVars),
  };
}

function neutralSpec(spec: RunSpec | null, facts: RunFacts): ExperimentSpecWire {
  const roles = spec?.roles ?? [];
  const [first] = roles;
  return {
    meta: {
      name: facts.name,
      namespace: spec?.namespace ?? 'default',
      framework: frameworkName(facts.framework),
      cmd: first === undefined ? null : cmdOf(first),
      envVars: first === undefined ? {} : variablesOf(first),
      tags: [...facts.tags],
      experimentId: facts.experimentId,
    },
    environment: {
      name: null,
      dockerImage: null,
      kernelSpec: null,
      description: null,
      image: first?.image ?? null,
    },
    spec: Object.fromEntries(roles.map((role) => [role.name, neutralTask(role)])),
    code: codeOf(spec, facts),
    experimentHandlerSpec: null,
  };
}

function neutralTask(role: Role): TaskWire {
  const resources = resourcesText(role.resources.requests);
  return {
    replicas: role.replicas,
    resources,
    resourceMap: parseResources(resources) as Record<string, string>,
    name: null,
    image: role.image,
    cmd: cmdOf(role),
    envVars: variablesOf(role),
  };
}

function cmdOf({ command }: Role): string | null {
  if (command === null) return null;
  return command.kind === 'shell' ? command.script : command.argv.join(' ');
}

function variablesOf({ env }: Role): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

/** Of a reference without an address there is nothing that Submarine could fetch. */
function codeOf(spec: RunSpec | null, { codeRef }: RunFacts): CodeSpecWire | null {
  const { url, branch } = spec?.code ?? codeRef ?? { url: null, branch: null };
  return url === null ? null : { syncMode: 'git', git: { url, branch } };
}
