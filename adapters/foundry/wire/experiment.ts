import { z } from '@hono/zod-openapi';
import {
  containerRid,
  deploymentRid,
  experimentRid,
  jobRid,
  modelRid,
  modelVersionRid,
  stemmaRid,
} from './rids.js';
import { long } from './values.js';

export const model = z.object({ rid: modelRid }).openapi('Model');

export const source = z
  .discriminatedUnion('type', [
    z
      .object({
        type: z.literal('codeWorkspace'),
        containerRid,
        deploymentRid: deploymentRid.optional(),
      })
      .openapi('ExperimentCodeWorkspaceSource'),
    z.object({ type: z.literal('authoring'), stemmaRid }).openapi('ExperimentAuthoringSource'),
    z.object({ type: z.literal('sdk') }).openapi('ExperimentSdkSource'),
  ])
  .openapi('ExperimentSource');

const parameterValue = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('double'), value: z.number() }).openapi('DoubleParameter'),
    z.object({ type: z.literal('integer'), value: long }).openapi('IntegerParameter'),
    z.object({ type: z.literal('string'), value: z.string() }).openapi('StringParameter'),
    z.object({ type: z.literal('boolean'), value: z.boolean() }).openapi('BooleanParameter'),
    z
      .object({ type: z.literal('datetime'), value: z.string().openapi({ format: 'date-time' }) })
      .openapi('DatetimeParameter'),
  ])
  .openapi('ParameterValue');

const parameter = z
  .object({ name: z.string().openapi({ example: 'learning_rate' }), value: parameterValue })
  .openapi('Parameter');

const series = z
  .object({
    name: z.string().openapi({ example: 'loss' }),
    length: long,
    value: z
      .object({
        type: z.literal('double'),
        min: z.number().optional(),
        max: z.number().optional(),
        last: z.number().optional(),
      })
      .openapi('DoubleSeriesAggregations', { description: 'Without those that are no finite numbers.' }),
  })
  .openapi('SeriesAggregations');

const summaryMetric = z
  .object({
    seriesName: z.string().openapi({ example: 'loss' }),
    aggregation: z.enum(['LAST', 'MIN', 'MAX']),
    value: z.number(),
  })
  .openapi('SummaryMetric');

const artifact = z
  .object({
    name: z.string().openapi({ example: 'predictions.parquet' }),
    sizeBytes: long,
    details: z.object({ type: z.literal('table'), rowCount: long }).openapi('TableArtifactDetails'),
  })
  .openapi('ExperimentArtifactMetadata');

export const experiment = z
  .object({
    rid: experimentRid,
    modelRid,
    createdTime: z.string().openapi({ format: 'date-time', example: '2026-11-26T12:34:56.789Z' }),
    createdBy: z.uuid().openapi({ description: 'Made of the name of the user, always the same.' }),
    source,
    status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED']).openapi('ExperimentStatus'),
    statusMessage: z.string().optional(),
    branch: z.string().openapi({ example: 'master' }),
    parameters: z.array(parameter),
    series: z.array(series),
    summaryMetrics: z.array(summaryMetric),
    artifacts: z.record(z.string(), artifact).openapi({ description: 'Tables, by their names.' }),
    tags: z.array(z.string()),
    linkedModelVersion: modelVersionRid.optional(),
    jobRid: jobRid.optional(),
  })
  .openapi('Experiment');

export type ExperimentWire = z.output<typeof experiment>;
export type ExperimentStatus = ExperimentWire['status'];
export type SourceWire = z.output<typeof source>;
export type ParameterValueWire = z.output<typeof parameterValue>;
export type SeriesWire = z.output<typeof series>;
export type SummaryMetricWire = z.output<typeof summaryMetric>;
export type ArtifactWire = z.output<typeof artifact>;
