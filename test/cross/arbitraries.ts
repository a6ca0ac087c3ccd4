import fc from 'fast-check';
import type { Json } from './support.js';

/** Any text that a request can carry: all of Unicode but NUL. */
export const anyText = (constraints: fc.StringConstraints = {}) =>
  fc.string({ unit: 'binary', ...constraints }).map((text) => text.replaceAll('\0', '0'));

const longText = fc
  .tuple(anyText({ minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 3000 }))
  .map(([text, times]) => text.repeat(times));

/** What goes wrong where text is cut, compared, counted or printed by other than its characters. */
const oddTexts = [
  'e\u0301 \u00e9',
  '\u05e9\u05dc\u05d5\u05dd \u202eabc',
  '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}',
  '\ufeffx',
  '\u2028\u0085',
  '\ufffd\uffff',
  '2026-01-02T03:04:05Z',
  'True',
  '00012',
  '1e999',
  '9223372036854775807',
  '9223372036854775808',
] as const;

export const text = fc.oneof(
  anyText(),
  fc.constantFrom('', ' ', 'a=b', '=', '{}', 'null', 'NaN', '0.1', 'Grüße “😀”\n\t', ...oddTexts),
);
export const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });

/** Names of params, metrics and the like. None is one that URLs take for a way through folders. */
export const key = fc
  .oneof(
    fc.constantFrom('lr', 'loss', 'a=b', 'model.units', 'Größe', 'a/../b', '%2e', 'x?y#z'),
    anyText({ minLength: 1, maxLength: 40 }),
  )
  .filter((name) => name !== '__proto__' && name !== '.' && name !== '..');

/** The same for MLflow: letters and digits of every script, and some signs; never a path that climbs. */
export const trackingKey = fc.oneof(
  fc.constantFrom('lr', 'loss', 'val/loss', 'Größe', '精度', 'a:b c', '-', '.a'),
  fc
    .array(fc.string({ unit: fc.constantFrom(...'aZ0_- :é漢ж\u{10330}'), minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((names) => names.join('/'))
    .filter((name) => name !== '__proto__'),
);

/** Labels that some dialect gives a meaning to. */
const tellingTags = [
  '',
  'mlflow.note',
  'mlflow.runName',
  'mlflow.parentRunId',
  'mlflow.source.git.branch',
  'foundry.branch=dev',
  'foundry.branch=',
  'foundry.jobRid=ri.foundry.main.job.1',
  'foundry.jobRid=none',
  'foundry.source={"type":"authoring","stemmaRid":"ri.stemma.main.repository.1"}',
  'foundry.other=x',
] as const;

/**
 * Bare labels, labels that look like a key and its value, and others that lists take. Where tags are an object they
 * are its keys, and the parser that reads the answers here takes all but one.
 */
export const tags = fc.uniqueArray(
  fc
    .oneof(
      fc.constantFrom('baseline', 'a=b', 'a=', '=b', 'a=b=c', 'Größe 😀', ' ', ...tellingTags),
      anyText({ minLength: 1, maxLength: 60 }),
    )
    .filter((tag) => tag !== '__proto__'),
  { maxLength: 6 },
);

const wholeNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, 1, -1, 2 ** 53, -(2 ** 53), 2 ** 63, -(2 ** 63)),
);
export const finite = fc
  .oneof(
    wholeNumber,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0.1, 1e308, 5e-324, -1e21),
  )
  // JSON writes -0 as 0.
  .map((number) => (number === 0 ? 0 : number));

const least64 = -(2n ** 63n);
const most64 = 2n ** 63n - 1n;

/** Steps and times of 64 bits; not below `least`. */
export const int64 = (least = least64) =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: 5n }),
    fc.bigInt({ min: least, max: most64 }),
    fc.constantFrom(
      ...[least64, -(2n ** 53n) - 1n, -1n, 0n, 2n ** 53n + 1n, most64].filter((n) => n >= least),
    ),
  );

/** A value of a metric, with what JSON has no number for. */
export const metricValue = fc.oneof(
  { weight: 4, arbitrary: finite },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      2.2250738585072014e-308,
      -5e-324,
    ),
  },
);

/** Names and contents of files that a run has made. */
export const files = fc.dictionary(
  fc.constantFrom('model.bin', 'plots/größe 😀.txt', 'a/b/c', 'leer'),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  { maxKeys: 2 },
);

/** A param of every type of JSON. */
export const paramValue = fc.oneof(
  text,
  longText,
  finite,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(text, finite, fc.constant(null)), { maxLength: 4 }),
  fc.dictionary(key, fc.oneof(text, finite, fc.boolean()), { maxKeys: 3 }),
);
export const params = fc.dictionary(key, paramValue, { minKeys: 1, maxKeys: 6 });

const millis = fc.integer({ min: 0, max: Date.UTC(2200, 0) });

/** A time as a client of Polyaxon writes it. */
export const wireTime = fc
  .tuple(millis, fc.integer({ min: 0, max: 999 }))
  .map(([ms, us]) => new Date(ms).toISOString().replace('Z', `${String(us).padStart(3, '0')}+00:00`));

/** A row of metrics. */
export const metricRow = fc.record({
  values: fc.dictionary(
    key,
    fc.oneof(finite, fc.constantFrom('NaN', 'Infinity', '-Infinity'), fc.constant(null)),
    { minKeys: 1, maxKeys: 4 },
  ),
  created_at: wireTime,
});

/** Lines that a run's client sends. */
export const logLines = fc.array(
  anyText({ minLength: 1, maxLength: 30 }).map((line) => line.replace(/[\r\n]/g, '-')),
  {
    minLength: 1,
    maxLength: 5,
  },
);

export const codeRef = fc.record({
  commit: maybe(fc.constantFrom('0c7f1d9', 'HEAD')),
  head: maybe(fc.constant('refs/heads/main')),
  branch: maybe(fc.constantFrom('main', 'feature/ü')),
  git_url: maybe(fc.constantFrom('https://example.org/a/b.git', 'git@example.org:a/b.git')),
  is_dirty: maybe(fc.boolean()),
  git_diff: maybe(text),
});

/** What of an experiment its client says beside the file, and may change. */
export const described = fc.record(
  {
    description: text,
    readme: text,
    tags,
    params,
    backend: fc.constantFrom('native', 'other', 'Größe'),
    framework: fc.constantFrom('tensorflow', 'PyTorch', 'xgboost', 'scikit-learn'),
    run_env: fc.dictionary(key, text, { maxKeys: 3 }),
    data_refs: fc.dictionary(key, text, { minKeys: 1, maxKeys: 3 }),
  },
  { requiredKeys: [] },
);

const amount = fc.oneof(fc.integer({ min: 0, max: 4096 }), fc.constantFrom(0.1, 0.5, 1e-6, 1e12));
const asked = (value: fc.Arbitrary<number>) =>
  fc.record({ requests: maybe(value), limits: maybe(value) }, { requiredKeys: [] });
const whole = fc.integer({ min: 0, max: 8 });
export const resources = fc.record(
  { cpu: maybe(asked(amount)), memory: maybe(asked(amount)), gpu: maybe(asked(whole)), tpu: asked(whole) },
  { requiredKeys: [] },
);

const variableName = fc.constantFrom('A', 'PATH', 'Größe', 'with space', 'a.b');
/** Variables by name. No text has the braces that a file's templates are made of. */
export const variables = fc.dictionary(
  variableName,
  text.map((value) => value.replaceAll('{', '(')),
);

const image = fc.constantFrom('python:3.11', 'registry.example:5000/a/b:c', 'a@sha256:0123');

const replicas = fc.record({
  n_workers: fc.integer({ min: 0, max: 3 }),
  n_ps: fc.integer({ min: 0, max: 2 }),
  default_worker: fc.record({
    resources,
    tolerations: maybe(fc.constant([{ key: 'gpu', operator: 'Exists' }])),
  }),
});

/** A Polyaxonfile that can be run. */
export const polyaxonfile = fc
  .record({
    framework: fc.constantFrom('tensorflow', 'mxnet', 'xgboost', null),
    script: fc.constantFrom('echo a', "python3 -c 'print(1)'", 'a=1; echo $a | cat', 'ls  -l "x y"'),
    image: maybe(image),
    resources: maybe(resources),
    replicas: maybe(replicas),
    variables: maybe(variables),
    logging: maybe(fc.constant({ level: 'DEBUG' })),
    max_restarts: maybe(fc.integer({ min: 0, max: 3 })),
    node_selector: maybe(fc.constant({ disk: 'ssd' })),
  })
  .map((wanted) => {
    const hasReplicas = wanted.framework === 'tensorflow' || wanted.framework === 'mxnet';
    const environment = present({
      resources: wanted.resources,
      replicas: hasReplicas ? wanted.replicas : null,
      env_vars: wanted.variables === null ? null : Object.entries(wanted.variables),
      max_restarts: wanted.max_restarts,
      node_selector: wanted.node_selector,
    });
    return present({
      version: 1,
      kind: 'experiment',
      framework: wanted.framework,
      logging: wanted.logging,
      environment,
      build: wanted.image === null ? null : { image: wanted.image },
      run: { cmd: wanted.script },
    });
  });

/** What is not null of an object. */
export function present(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

const roles = {
  TensorFlow: ['Ps', 'Worker', 'Chief', 'Master', 'Evaluator'],
  PyTorch: ['Master', 'Worker'],
  XGBoost: ['Master', 'Worker'],
} as const;

const quantities = fc
  .record(
    {
      cpu: fc.constantFrom('1', '500m', '0.5'),
      memory: fc.constantFrom('1024M', '512Mi', '1Gi', '1e9'),
      'nvidia.com/gpu': fc.constantFrom('0', '2'),
    },
    { requiredKeys: [] },
  )
  .map((asked) =>
    Object.entries(asked)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
  );

const cmd = fc.constantFrom('echo a  b', "sh -c 'x'", 'python train.py --lr=0.1', 'A=1 $HOME $(A)');

/** One name is refused, wherever it stands. */
const unknownKey = fc.string().filter((name) => name !== '__proto__');

const task = fc.record(
  {
    replicas: fc.integer({ min: 1, max: 3 }),
    resources: quantities,
    name: text,
    image,
    cmd,
    envVars: variables,
    note: fc.anything({ maxDepth: 1, key: unknownKey, values: [fc.boolean(), text] }).map(asJson),
  },
  { requiredKeys: ['replicas'] },
);

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null');
}

/** A spec of Submarine's. */
export const submarineSpec = fc
  .constantFrom<keyof typeof roles>('TensorFlow', 'PyTorch', 'XGBoost')
  .chain((framework) =>
    fc.record(
      {
        meta: fc.record(
          {
            name: fc.constantFrom('train', 'Two Words', 'größe', 'a_b-c'),
            namespace: fc.constantFrom('default', 'team'),
            framework: fc.constant(framework),
            cmd,
            envVars: variables,
            tags,
          },
          { requiredKeys: ['name', 'framework'] },
        ),
        environment: fc.record({ image, dockerImage: image, description: text }, { requiredKeys: [] }),
        spec: fc
          .uniqueArray(fc.tuple(fc.constantFrom(...roles[framework]), task), {
            selector: ([role]) => role,
            minLength: 1,
            maxLength: 3,
          })
          .map((entries): Record<string, Json> => Object.fromEntries(entries)),
        code: fc.constantFrom(
          { syncMode: 'git', git: { url: 'https://example.org/a.git', branch: 'main' } },
          { syncMode: 'git', url: 'https://example.org/a.git' },
          { syncMode: 'hdfs', url: 'hdfs://x' },
        ),
        experimentHandlerSpec: fc.dictionary(fc.constantFrom('a', 'b'), text, { maxKeys: 2 }),
        unknown: text,
      },
      { requiredKeys: ['meta', 'spec'] },
    ),
  );

export type SubmarineSpec = typeof submarineSpec extends fc.Arbitrary<infer T> ? T : never;
