import { serviceRoot } from '../core/artifact-path.js';
import { slugOf } from '../core/ids.js';
import type { JobPlace, OutputsLink, RunPlan, ShownRun } from '../core/ports/index.js';
import { asRunId, type Service, type ServiceKind } from '../core/service.js';

/** Where a service finds the address that it shall listen at, and the folder that it shows. */
const portVariable = 'FRANCA_SERVICE_PORT';
const folderVariable = 'FRANCA_OUTPUTS_PATH';

/**
 * What each kind of service executes. `$(NAME)` is a variable's value. Links to folders are followed, those that
 * appear later too, and a folder that is not there yet is waited for (tensorboard 2.21).
 */
const commands = {
  tensorboard: ({ pathPrefix }) => [
    'tensorboard',
    '--logdir',
    `$(${folderVariable})`,
    '--host',
    '127.0.0.1',
    '--port',
    `$(${portVariable})`,
    '--path_prefix',
    pathPrefix.replaceAll('$', '$$$$'),
  ],
} as const satisfies Record<ServiceKind, (service: Service) => readonly string[]>;

/** What the runner is told of a service: a run of one job, which is given a folder of links as its outputs. */
export function servicePlan(service: Service): RunPlan {
  const { id, kind, jobId, createdAt } = service;
  const role = {
    name: kind,
    kind: 'other',
    replicas: 1,
    image: null,
    setup: null,
    command: { kind: 'exec', argv: commands[kind](service) },
    env: [],
    resources: { requests: {}, limits: {} },
    placement: null,
  } as const;
  return {
    runId: asRunId(id),
    attempt: 1,
    spec: {
      revision: 1,
      createdAt,
      source: { dialect: '', mediaType: '', text: '' },
      framework: null,
      namespace: null,
      roles: [role],
      code: null,
      termination: { completion: { kind: 'all' }, maxRetries: 0 },
    },
    jobs: [{ id: jobId, name: kind, role: kind, index: 0, environment: variablesOf(kind) }],
    artifactRoot: serviceRoot(id),
    code: null,
  };
}

function variablesOf(kind: ServiceKind) {
  return ({ outputs, cluster }: JobPlace): Record<string, string> => {
    const [address = ''] = cluster.addresses[kind] ?? [];
    return { [folderVariable]: outputs, [portVariable]: address.slice(address.lastIndexOf(':') + 1) };
  };
}

/** The outputs of a run as a service shows them, e.g. `12-digits` or `run-13`. */
export function linkOf({ number, name, root }: ShownRun): OutputsLink {
  const slug = name === null ? '' : slugOf(name, '').slice(0, 100);
  return { name: slug === '' ? `run-${number}` : `${number}-${slug}`, root };
}
