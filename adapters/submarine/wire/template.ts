import { z } from '@hono/zod-openapi';
import { envelope } from './envelope.js';
import { experimentSpecInput } from './experiment-spec.js';
import { pathName, textValue } from './values.js';

const parameterInput = z
  .looseObject({
    name: z.string().min(1).openapi({ example: 'learning_rate' }),
    required: textValue.optional().openapi({ example: 'true' }),
    description: z.string().nullable().optional().openapi({ example: 'learning rate' }),
    value: textValue.optional().openapi({ example: '0.1' }),
  })
  .openapi('ExperimentTemplateParamSpecInput');

const parametersInput = z.array(parameterInput).max(1000).nullable().optional();

/** A template as a client sends it. */
export const templateSpecInput = z
  .looseObject({
    name: pathName('must be text').openapi({ example: 'my-tf-mnist-template' }),
    author: z.string().nullable().optional().openapi({ example: 'author' }),
    description: z.string().nullable().optional(),
    parameters: parametersInput,
    experimentTemplateParamSpec: parametersInput.openapi({ description: 'Another name of `parameters`.' }),
    experimentSpec: experimentSpecInput,
  })
  .openapi('ExperimentTemplateSpecInput');

const parameter = z
  .object({
    name: z.string().openapi({ example: 'learning_rate' }),
    required: z.string().openapi({ example: 'true' }),
    description: z.string().nullable(),
    value: z.string().nullable().openapi({ example: '0.1' }),
  })
  .openapi('ExperimentTemplateParamSpec');

export const template = z
  .object({
    experimentTemplateId: z
      .object({
        id: z.int().min(1).openapi({ example: 1, format: 'int64' }),
        serverTimestamp: z.int().openapi({ example: 1586156073228, format: 'int64' }),
      })
      .openapi('ExperimentTemplateId'),
    experimentTemplateSpec: z
      .object({
        name: z.string().openapi({ example: 'my-tf-mnist-template' }),
        author: z.string().nullable().openapi({ example: 'author' }),
        description: z.string().nullable(),
        parameters: z.array(parameter),
        experimentSpec: experimentSpecInput,
      })
      .openapi('ExperimentTemplateSpec'),
  })
  .openapi('ExperimentTemplate');

/** What a template is filled with. */
export const templateSubmission = z
  .looseObject({
    params: z
      .record(z.string(), textValue)
      .openapi({ example: { learning_rate: '0.01' } })
      .nullable()
      .optional(),
    name: z
      .string()
      .nullable()
      .optional()
      .openapi({ description: 'Not looked at: the path names the template.' }),
  })
  .openapi('ExperimentTemplateSubmit');

export const templateResponse = envelope('ExperimentTemplateResponse', template);
export const templateListResponse = envelope('ExperimentTemplateListResponse', z.array(template));

export type TemplateSpecInput = z.output<typeof templateSpecInput>;
export type TemplateWire = z.output<typeof template>;
export type ParameterWire = z.output<typeof parameter>;
