import { z } from '@hono/zod-openapi';
import { envelope } from './envelope.js';
import { orNull, pathName } from './values.js';

/** What Submarine's own words for an environment that it cannot take are. */
export const unusableEnvironment = 'Unable to process the environment spec.';

const packages = z.array(z.string()).nullable().optional();

/** A conda environment. Kept and shown; Franca installs nothing. */
export const kernelSpec = z
  .looseObject({
    name: z.string().nullable().optional().openapi({ example: 'team_default_python_3.7' }),
    channels: packages.openapi({ example: ['defaults'] }),
    condaDependencies: packages.openapi({ example: ['_ipyw_jlab_nb_ext_conf=0.1.0=py37_0'] }),
    pipDependencies: packages.openapi({ example: [] }),
  })
  .openapi('KernelSpec');

const environmentFields = {
  image: z
    .string()
    .nullable()
    .optional()
    .openapi({ example: 'apache/submarine:tf-mnist-with-summaries-1.0' }),
  dockerImage: z.string().nullable().optional().openapi({ example: 'continuumio/anaconda3' }),
  description: z.string().nullable().optional(),
  kernelSpec: orNull(kernelSpec).optional(),
};

/** The environment of an experiment as a client sends it: a stored one's name, an image, or both. */
export const environmentRefInput = z
  .looseObject({
    name: z.string().nullable().optional().openapi({ example: 'my-submarine-env' }),
    ...environmentFields,
  })
  .openapi('ExperimentEnvironmentInput');

/** An environment to be stored. */
export const environmentSpecInput = z
  .looseObject({
    name: pathName(unusableEnvironment).openapi({ example: 'my-submarine-env' }),
    ...environmentFields,
  })
  .openapi('EnvironmentSpecInput');

/** An environment as it is shown, stored or in an experiment. */
export const environmentSpec = z
  .looseObject({
    name: z.string().nullable().openapi({ example: 'my-submarine-env' }),
    dockerImage: z.string().nullable().openapi({ example: 'continuumio/anaconda3' }),
    kernelSpec: orNull(kernelSpec),
    description: z.string().nullable(),
    image: z.string().nullable().openapi({ example: 'apache/submarine:tf-mnist-with-summaries-1.0' }),
  })
  .openapi('EnvironmentSpec');

export const environment = z
  .object({
    environmentId: z.string().openapi({ example: 'environment_1586156073228_0001' }),
    environmentSpec,
  })
  .openapi('Environment');

export const environmentResponse = envelope('EnvironmentResponse', environment);
export const environmentListResponse = envelope('EnvironmentListResponse', z.array(environment));

export type EnvironmentSpecInput = z.output<typeof environmentSpecInput>;
export type EnvironmentSpecWire = z.output<typeof environmentSpec>;
export type EnvironmentWire = z.output<typeof environment>;
