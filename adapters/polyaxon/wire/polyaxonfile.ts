import { z } from '@hono/zod-openapi';
import { isLabelValue, isQualifiedName } from '../../../src/core/placement.js';
import { maxJobs } from '../../../src/services/runs/jobs.js';
import { namedParams, tagList } from './values.js';

/** Greater amounts, and smaller ones but 0, have no plain form as a quantity; nothing real has them. */
export const bounds = { least: 1e-6, most: 1e12 } as const;

/** marshmallow takes numbers as texts too. */
const numeric = z.preprocess(
  (value) =>
    typeof value === 'string' && /^\s*[+-]?[\d.]+(?:[eE][+-]?\d{1,3})?\s*$/.test(value)
      ? Number(value)
      : value,
  z
    .number()
    .min(0)
    .max(bounds.most)
    .refine((value) => value === 0 || value >= bounds.least, `must be 0 or at least ${bounds.least}`),
);

const whole = numeric.pipe(z.int());
const texts = z.array(z.string());
const anything = z.record(z.string(), z.unknown());

const amounts = z.strictObject({ requests: numeric.nullish(), limits: numeric.nullish() });
const devices = z.strictObject({ requests: whole.nullish(), limits: whole.nullish() });

const resources = z.strictObject({
  cpu: amounts.nullish(),
  memory: amounts.nullish(),
  gpu: devices.nullish(),
  tpu: devices.nullish(),
});

/** Names and values; beside the pairs of the file's own form, a mapping. */
const variableName = z.string().regex(/^[^=]{1,1000}$/, 'must be a name without =');
const variableValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const variables = z.union([
  z.array(z.tuple([variableName, variableValue])),
  z.record(variableName, variableValue).transform((record) => Object.entries(record)),
]);

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** YAML reads `gpu: true` as no text, but labels have no other values. */
const value = text.refine(
  isLabelValue,
  'must be the value of a label: 63 letters, digits, -, _ and . at most',
);

/** As Kubernetes writes it, with its rules. */
const toleration = z
  .strictObject({
    key: z
      .string()
      .refine((key) => key === '' || isQualifiedName(key), 'must be the key of a taint')
      .nullish(),
    operator: z.enum(['Exists', 'Equal'], 'must be Exists or Equal').nullish(),
    value: value.nullish(),
    effect: z
      .enum(
        ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
        'must be NoSchedule, PreferNoSchedule or NoExecute',
      )
      .nullish(),
    tolerationSeconds: z.int().nullish(),
  })
  .refine(({ key, operator }) => Boolean(key) || operator === 'Exists', 'needs a key, or the operator Exists')
  .refine(
    ({ operator, value }) => operator !== 'Exists' || !value,
    'has no value where the operator is Exists',
  )
  .refine(
    ({ effect, tolerationSeconds }) => tolerationSeconds == null || effect === 'NoExecute',
    'has tolerationSeconds only where the effect is NoExecute',
  );

/** As Kubernetes writes it; what is within it the cluster checks. */
const affinity = z.strictObject({
  nodeAffinity: anything.nullish(),
  podAffinity: anything.nullish(),
  podAntiAffinity: anything.nullish(),
});

const nodeSelector = z.record(z.string().refine(isQualifiedName), value, {
  error: ({ code }) => (code === 'invalid_key' ? 'is no name of a label' : undefined),
});

/** What each pod may be told: by the fields that nothing here acts upon as well, since files have them. */
const pod = {
  index: whole.nullish(),
  resources: resources.nullish(),
  labels: anything.nullish(),
  annotations: anything.nullish(),
  node_selector: nodeSelector.nullish(),
  affinity: affinity.nullish(),
  tolerations: z.array(toleration).nullish(),
  service_account: z.string().nullish(),
  image_pull_secrets: texts.nullish(),
  max_restarts: whole.pipe(z.number().max(1000)).nullish(),
  secret_refs: texts.nullish(),
  config_map_refs: texts.nullish(),
  configmap_refs: texts.nullish(),
  data_refs: texts.nullish(),
  artifact_refs: texts.nullish(),
  outputs: anything.nullish(),
  persistence: anything.nullish(),
  env_vars: variables.nullish(),
} as const;

const podEnvironment = z.strictObject({ ...pod, config: anything.nullish() });
const count = whole.pipe(z.number().max(maxJobs));

const replicas = z.strictObject({
  n_workers: count.nullish(),
  n_ps: count.nullish(),
  default_worker: podEnvironment.nullish(),
  default_ps: podEnvironment.nullish(),
  worker: z.array(podEnvironment).nullish(),
  ps: z.array(podEnvironment).nullish(),
});

/** The section of a framework in files up to 0.4. */
const legacyReplicas = replicas
  .extend({ delay_workers_by_global_step: z.boolean().nullish(), run_config: anything.nullish() })
  .nullish();

const environment = z.strictObject({
  ...pod,
  replicas: replicas.nullish(),
  tensorflow: legacyReplicas,
  pytorch: legacyReplicas,
  mpi: legacyReplicas,
  horovod: legacyReplicas,
  mxnet: legacyReplicas,
});

const image = z
  .string()
  .max(1000)
  .regex(/^\S*$/, 'must not hold blanks')
  .refine((text) => text.split(':').length <= 3, 'has too many colons');

const build = z
  .strictObject({
    version: z.unknown().optional(),
    kind: z.literal('build').nullish(),
    name: z.string().nullish(),
    description: z.string().nullish(),
    logging: anything.nullish(),
    tags: texts.nullish(),
    environment: anything.nullish(),
    params: z.unknown().optional(),
    declarations: z.unknown().optional(),
    inputs: z.unknown().optional(),
    outputs: z.unknown().optional(),
    ref: z.union([z.int(), z.string()]).nullish(),
    backend: z.enum(['native', 'kaniko', 'other']).nullish(),
    dockerfile: z.string().nullish(),
    context: z.string().nullish(),
    image: image.nullish(),
    build_steps: texts.nullish(),
    lang_env: z.string().nullish(),
    env_vars: variables.nullish(),
    commit: z.string().nullish(),
    branch: z.string().nullish(),
    nocache: z.boolean().nullish(),
  })
  .refine(
    (sent) => [sent.image, sent.dockerfile, sent.ref].filter((one) => one != null && one !== '').length <= 1,
    'takes one of image, dockerfile and ref',
  );

const command = z.string().refine((text) => text.trim() !== '', 'must not be empty');

const run = z.strictObject({ cmd: z.union([command, z.array(command).min(1)]) });

const logging = z.strictObject({
  level: z.enum(['INFO', 'DEBUG', 'WARN', 'ERROR', 'FATAL']).nullish(),
  formatter: z.string().nullish(),
});

const io = z.looseObject({
  name: z.string().min(1),
  default: z.unknown().optional(),
  is_flag: z.boolean().nullish(),
});

/** The sections that say what its templates stand for, and are not filled themselves. */
export const namesSchema = z.object({
  params: namedParams.nullish(),
  declarations: namedParams.nullish(),
  inputs: z.array(io).nullish(),
});

/**
 * A file of kind experiment, its templates filled. As in polyaxon-schemas 0.5 no key is taken that it
 * does not know, in any section.
 */
export const polyaxonfileSchema = z.strictObject({
  version: z.unknown().optional(),
  kind: z.literal('experiment'),
  logging: logging.nullish(),
  name: z
    .string()
    .regex(/^[-a-zA-Z0-9_]{1,256}$/, 'must be of letters, digits, - and _')
    .nullish(),
  description: z.string().nullish(),
  tags: tagList.nullish(),
  inputs: z.unknown().optional(),
  outputs: z.array(io).nullish(),
  params: z.unknown().optional(),
  declarations: z.unknown().optional(),
  backend: z.enum(['native', 'kubeflow', 'mpi', 'other']).nullish(),
  framework: z.string().nullish(),
  environment: environment.nullish(),
  build: build.nullish(),
  run: run.nullish(),
});

/** A file as the schema gives it. */
export type Polyaxonfile = z.output<typeof polyaxonfileSchema>;

/** The part of it that says which replicas there are beside the master. */
export type Replicas = z.output<typeof replicas>;
