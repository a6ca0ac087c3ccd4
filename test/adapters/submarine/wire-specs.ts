import fc from 'fast-check';
import { fromRun, type SentSpec, toNewRun } from '../../../adapters/submarine/translate/experiment.js';
import { type SentBody, toSource } from '../../../adapters/submarine/translate/source.js';
import type { ExperimentWire } from '../../../adapters/submarine/wire/experiment.js';
import { experimentSpecInput } from '../../../adapters/submarine/wire/experiment-spec.js';
import type { Environment } from '../../../src/core/model.js';
import { parseYaml } from '../../../src/http/parse-yaml.js';
import type { NewManagedRun } from '../../../src/services/runs/create.js';
import { aRun, aSpec } from '../../support/builders.js';

export const createdAtMs = 1586156073228;

/** A JSON body as it comes. */
export function json(document: unknown): SentBody {
  return { mediaType: 'application/json', text: JSON.stringify(document) };
}

/** A body after the checks of its route. */
export function sentSpec(body: SentBody, environment: Environment | null = null): SentSpec {
  const document: unknown =
    body.mediaType === 'application/json' ? JSON.parse(body.text) : parseYaml(body.text);
  return { body: experimentSpecInput.parse(document), source: toSource(body), environment };
}

/** The core input of a body. */
export function toCore(body: SentBody, environment: Environment | null = null): NewManagedRun {
  return toNewRun(sentSpec(body, environment), null);
}

/** What is shown of a run with this core input. */
export function fromCore({ name, spec, tags }: NewManagedRun): ExperimentWire {
  const run = aRun({ name, createdAt: createdAtMs * 1000 });
  return fromRun({ run, spec: aSpec(spec), jobs: [], events: [], tags }, createdAtMs);
}

/** Any text that a request can carry: all of Unicode but NUL, which no body may contain. */
const anyText = (constraints: fc.StringConstraints = {}) =>
  fc.string({ unit: 'binary', ...constraints }).map((text) => text.replaceAll('\0', '0'));

const scalar = fc.oneof(
  anyText(),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.constantFrom(0.1, 1e21, 1e-7, 2 ** 53, 1.7976931348623157e308, 5e-324),
);

const variableName = anyText({ minLength: 1 }).map((name) =>
  name === '__proto__' ? 'proto' : name.replaceAll('=', '_'),
);
const variables = fc.dictionary(variableName, scalar, { maxKeys: 5 });
const optionalText = fc.option(anyText());

/** Keys that Submarine does not know; they must not be those that it does. */
const unknownKeys = fc.dictionary(
  fc.string({ minLength: 1 }).map((key) => `x-${key}`),
  fc.jsonValue({ maxDepth: 3 }).map(withoutProto),
  { maxKeys: 3 },
);

/** The key `__proto__` is refused in every body, and -0 has no JSON of its own. */
function withoutProto(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto').replaceAll('\\u0000', '0'));
}

const amount = fc.constantFrom('1', '0.5', '500m', '1024M', '2G', '1.5G', '1024Mi', '1e3');
const resources = fc
  .record(
    { cpu: amount, memory: amount, 'nvidia.com/gpu': fc.constantFrom('1', '2'), 'x/y': anyText() },
    { requiredKeys: [] },
  )
  .map((items) =>
    Object.entries(items)
      .map(([name, value]) => `${name}=${value.replaceAll(/[,=]/g, '')}`)
      .join(','),
  );

function withMore<T extends object>(known: fc.Arbitrary<T>): fc.Arbitrary<T & Record<string, unknown>> {
  return fc.tuple(known, unknownKeys).map(([value, more]) => ({ ...value, ...more }));
}

const replicas = fc.integer({ min: 1, max: 100 });

const task = withMore(
  fc.record(
    {
      replicas: fc.oneof(replicas, replicas.map(String)),
      resources,
      name: optionalText,
      image: optionalText,
      cmd: optionalText,
      envVars: fc.option(variables),
    },
    { requiredKeys: [] },
  ),
);

const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) =>
      [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter.toLowerCase())).join(''),
    );

const frameworkAndRoles = fc.oneof(
  fc.tuple(
    anyCase('TensorFlow'),
    fc.subarray(['Ps', 'Worker', 'Chief', 'master', 'EVALUATOR'], { minLength: 1 }),
  ),
  fc.tuple(anyCase('PyTorch'), fc.subarray(['Master', 'Worker'], { minLength: 1 })),
  fc.tuple(anyCase('XGBoost'), fc.subarray(['Master', 'worker'], { minLength: 1 })),
);

const texts = fc.array(anyText(), { maxLength: 3 });
const kernelSpec = withMore(
  fc.record(
    { name: optionalText, channels: fc.option(texts), condaDependencies: texts, pipDependencies: texts },
    { requiredKeys: [] },
  ),
);

const environment = withMore(
  fc.record(
    {
      image: optionalText,
      dockerImage: optionalText,
      description: optionalText,
      kernelSpec: fc.option(kernelSpec),
    },
    { requiredKeys: [] },
  ),
);

const url = fc.constantFrom(
  'https://github.com/apache/submarine.git',
  'git@github.com:apache/submarine.git',
  'ssh://git@host/a/b',
);
const code = fc.oneof(
  withMore(fc.record({ syncMode: fc.constant('git'), url })),
  withMore(
    fc.record({
      syncMode: fc.constantFrom('git', 'GIT'),
      git: withMore(
        fc.record(
          { url, branch: optionalText, username: optionalText, trustCerts: fc.boolean() },
          { requiredKeys: ['url'] },
        ),
      ),
    }),
  ),
  withMore(fc.record({ syncMode: fc.constantFrom('hdfs', 'nfs', 's3', 'x'), url: anyText() })),
);

/** Any spec that Submarine takes: all of Unicode, odd numbers, each optional part there or not. */
export const wireSpec = frameworkAndRoles.chain(([framework, roles]) =>
  withMore(
    fc.record(
      {
        meta: withMore(
          fc.record(
            {
              name: anyText({ minLength: 1, maxLength: 60 }),
              framework: fc.constant(framework),
              namespace: optionalText,
              cmd: optionalText,
              envVars: fc.option(variables),
              tags: fc.option(fc.array(anyText({ maxLength: 60 }), { maxLength: 5 })),
            },
            { requiredKeys: ['name', 'framework'] },
          ),
        ),
        spec: fc
          .tuple(...roles.map(() => task))
          .map((tasks) => Object.fromEntries(roles.map((role, index) => [role, tasks[index]]))),
        environment: fc.option(environment),
        code: fc.option(code),
        experimentHandlerSpec: fc.option(variables),
      },
      { requiredKeys: ['meta', 'spec'] },
    ),
  ),
);
