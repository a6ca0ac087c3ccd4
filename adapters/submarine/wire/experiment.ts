import { z } from '@hono/zod-openapi';
import { envelope } from './envelope.js';
import { experimentSpec } from './experiment-spec.js';
import { orNull } from './values.js';

const time = z.string().nullable().openapi({ example: '2020-06-13T22:59:29.000+00:00' });

export const experiment = z
  .object({
    experimentId: z.string().openapi({ example: 'experiment_1586156073228_0001' }),
    name: z.string().openapi({ example: 'tf-mnist-json' }),
    uid: z.string().openapi({ example: '28e39dcd-77d4-11ea-8dbb-0242ac110003' }),
    status: z
      .enum(['Accepted', 'Created', 'Running', 'Succeeded', 'Failed', 'Deleted'])
      .openapi('ExperimentStatus', { example: 'Accepted' }),
    // As of Submarine's notebooks; its experiments have no field for it.
    reason: z.string().optional().openapi({
      description: 'Why it is in its status; left out where nothing is told, and while it is Accepted.',
      example: 'exit_nonzero: tf-mnist-json-worker-0: exit code 3',
    }),
    acceptedTime: time,
    createdTime: time,
    runningTime: time,
    finishedTime: time,
    spec: experimentSpec,
  })
  .openapi('Experiment');

const experimentLog = z
  .object({
    experimentId: z.string().openapi({ example: 'experiment_1589199154923_0002' }),
    logContent: z.array(
      z
        .object({
          podName: z.string().openapi({ example: 'pytorch-dist-mnist-gloo-master-0' }),
          podLog: z.array(z.string()).openapi({
            description: 'Lines of all attempts, oldest first; empty in lists.',
            example: ['Using distributed PyTorch with gloo backend', 'Done!'],
          }),
        })
        .openapi('PodLog'),
    ),
  })
  .openapi('ExperimentLog');

const serviceInfo = z
  .object({ available: z.boolean(), url: z.string().openapi({ example: '/tensorboard/' }) })
  .openapi('ServiceInfo');

export const experimentResponse = envelope('ExperimentResponse', experiment);
/** For requests with an experiment, which may be empty: then there is no result. */
export const respecifiedResponse = envelope('SubmittedExperimentResponse', orNull(experiment));
export const experimentListResponse = envelope('ExperimentListResponse', z.array(experiment));
export const experimentLogResponse = envelope('ExperimentLogResponse', experimentLog);
export const experimentLogListResponse = envelope('ExperimentLogListResponse', z.array(experimentLog));
export const artifactListResponse = envelope(
  'ArtifactListResponse',
  z
    .array(z.string())
    .openapi({ example: ['s3://submarine/experiment/experiment_1795254000000_0001/model/'] }),
);
export const serviceInfoResponse = envelope('ServiceInfoResponse', serviceInfo);

export type ExperimentWire = z.output<typeof experiment>;
export type ExperimentStatus = ExperimentWire['status'];
