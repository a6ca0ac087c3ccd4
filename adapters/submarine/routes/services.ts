import { notFound } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { succeeded, textResponse } from '../wire/envelope.js';
import { serviceInfoResponse } from '../wire/experiment.js';

const tag = 'experiment';

/** Documented and served: what stands beside the experiments. */
export const serviceRoutes = {
  ping: {
    method: 'get',
    path: '/api/v1/experiment/ping',
    operationId: 'pingExperiment',
    tag,
    summary: 'Ask whether the server is there',
    answers: { 200: { description: 'It is.', schema: textResponse } },
  },
  tensorboard: {
    method: 'get',
    path: '/api/v1/experiment/tensorboard',
    operationId: 'getTensorboardInfo',
    tag,
    summary: 'Ask where TensorBoard is',
    description: 'Not found as long as Franca runs none for Submarine.',
    answers: { 200: { description: 'Its address.', schema: serviceInfoResponse } },
  },
  mlflow: {
    method: 'get',
    path: '/api/v1/experiment/mlflow',
    operationId: 'getMLflowInfo',
    tag,
    summary: 'Ask where MLflow’s pages are',
    description: 'Not found: Franca has none.',
    answers: { 200: { description: 'Their address.', schema: serviceInfoResponse } },
  },
} as const;

/** Adds the routes that tell what there is beside experiments. */
export function addServiceRoutes({ add, addOpen, answer }: DialectApp): void {
  addOpen(serviceRoutes.ping, (_input, c) => answer(c, succeeded('Pong')));
  add(serviceRoutes.tensorboard, () => {
    throw notFound('route', 'TensorBoard is not deployed.');
  });
  add(serviceRoutes.mlflow, () => {
    throw notFound('route', 'MLflow is not deployed.');
  });
}
