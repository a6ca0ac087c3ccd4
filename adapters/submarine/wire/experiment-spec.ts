import { z } from '@hono/zod-openapi';
import { maxJobs } from '../../../src/services/runs/jobs.js';
import { environmentRefInput, environmentSpec } from './environment.js';
import { maxNameLength, orNull, textValue, variablesInput } from './values.js';

const cmd =
  'python /var/tf_mnist/mnist_with_summaries.py --log_dir=/train/log --learning_rate=0.01 --batch_size=150';

/** A whole number, or its digits as text. */
const replicasInput = z
  .unknown()
  .openapi({
    description: 'A whole number, or its digits as text; 1 without it.',
    minimum: 0,
    maximum: maxJobs,
    multipleOf: 1,
    pattern: '^[0-9]{1,9}$',
    example: 1,
  })
  .transform((value, context): number => {
    const number = typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : (value ?? 1);
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= maxJobs)
      return number;
    context.addIssue({ code: 'custom', message: `must be a whole number from 0 to ${maxJobs}` });
    return z.NEVER;
  });

const taskInput = z
  .looseObject({
    replicas: replicasInput.optional(),
    resources: z.string().nullable().optional().openapi({ example: 'cpu=1,memory=1024M' }),
    name: z.string().nullable().optional(),
    image: z.string().nullable().optional(),
    cmd: z.string().nullable().optional(),
    envVars: variablesInput.nullable().optional(),
  })
  .openapi('ExperimentTaskSpecInput');

const metaInput = z
  .looseObject({
    name: z.string().min(1).max(maxNameLength).openapi({ example: 'tf-mnist-json' }),
    namespace: z.string().nullable().optional().openapi({ example: 'default' }),
    framework: z
      .string()
      .min(1)
      .openapi({ description: 'TensorFlow, PyTorch or XGBoost, in any case.', example: 'TensorFlow' }),
    cmd: z.string().nullable().optional().openapi({ example: cmd }),
    envVars: variablesInput
      .nullable()
      .optional()
      .openapi({ example: { ENV_1: 'ENV1' } }),
    tags: z.array(z.string().max(250)).max(1000).nullable().optional(),
  })
  .openapi('ExperimentMetaInput');

/** Of Submarine up to 0.7: the address beside the mode. Of 0.8: the address within `git`. */
const gitCodeSpec = z
  .looseObject({
    url: z.string().nullable().optional().openapi({ example: 'https://github.com/apache/submarine.git' }),
    branch: z.string().nullable().optional().openapi({ example: 'main' }),
    username: z.string().nullable().optional(),
    password: z.string().nullable().optional().openapi({ description: 'Never stored and never shown.' }),
    trustCerts: z.boolean().nullable().optional(),
  })
  .openapi('GitCodeSpec');

const codeSpec = z
  .looseObject({
    syncMode: z.string().nullable().optional().openapi({ example: 'git' }),
    url: z.string().nullable().optional(),
    git: orNull(gitCodeSpec).optional(),
  })
  .openapi('CodeSpec');

/** What a client sends. Unknown keys are taken, kept and shown again. */
export const experimentSpecInput = z
  .looseObject({
    meta: metaInput,
    environment: orNull(environmentRefInput).optional(),
    spec: z
      .record(z.string(), taskInput)
      .openapi({ description: 'Tasks by role: Ps, Worker, Chief, Master, Evaluator.' }),
    code: orNull(codeSpec).optional(),
    experimentHandlerSpec: z.record(z.string(), textValue).nullable().optional(),
  })
  .openapi('ExperimentSpecInput');

const variables = z.record(z.string(), z.string());

const experimentTaskSpec = z
  .looseObject({
    replicas: z.int().min(0).max(maxJobs).openapi({ format: 'int32', example: 1 }),
    resources: z.string().openapi({ description: 'As sent.', example: 'cpu=1,memory=1024M' }),
    resourceMap: variables.openapi({
      description: 'What is understood of `resources`.',
      example: { cpu: '1', memory: '1024M' },
    }),
    name: z.string().nullable(),
    image: z.string().nullable(),
    cmd: z.string().nullable(),
    envVars: variables.nullable(),
  })
  .openapi('ExperimentTaskSpec');

const experimentMeta = z
  .looseObject({
    name: z.string().openapi({ example: 'tf-mnist-json' }),
    namespace: z.string().openapi({ example: 'default' }),
    framework: z.string().nullable().openapi({ example: 'TensorFlow' }),
    cmd: z.string().nullable().openapi({ example: cmd }),
    envVars: variables.openapi({ example: { ENV_1: 'ENV1' } }),
    tags: z.array(z.string()).openapi({ example: [] }),
    experimentId: z.string().openapi({ example: 'experiment_1586156073228_0001' }),
  })
  .openapi('ExperimentMeta');

/** What is shown: what was sent, with every key that clients look for. */
export const experimentSpec = z
  .looseObject({
    meta: experimentMeta,
    environment: environmentSpec,
    spec: z.record(z.string(), experimentTaskSpec),
    code: orNull(codeSpec),
    experimentHandlerSpec: variables.nullable(),
  })
  .openapi('ExperimentSpec');

export type ExperimentSpecInput = z.output<typeof experimentSpecInput>;
export type TaskInput = z.output<typeof taskInput>;
export type ExperimentSpecWire = z.output<typeof experimentSpec>;
export type TaskWire = z.output<typeof experimentTaskSpec>;
export type CodeSpecWire = z.output<typeof codeSpec>;
