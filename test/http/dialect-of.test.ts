import { describe, expect, it } from 'vitest';
import { type Answerer, dialectOf } from '../../src/http/dialect-of.js';

const paths: Readonly<Record<Answerer, readonly string[]>> = {
  submarine: [
    '/api/v1/experiment',
    '/api/v1/experiment/experiment_1_0001',
    '/api/v1/experiment/logs/x/y/z',
    '/api/v1/environment',
    '/api/v1/template/tf-mnist',
    '/api/v1/notebook',
    '/api/v1/serve/ping',
    '/api/v1/registered-model',
    '/api/v1/model-version/a/1',
    '/api/v1/internal/TFJob/x',
    '/api/auth/token',
    '/api/metric/selective',
    '/api/param',
  ],
  mlflow: [
    '/api/v1/experiments',
    '/api/v1/experiments/runs',
    '/api/2.0/mlflow/runs/create',
    '/api/2.0',
    '/api/3.0/mlflow/server-info',
    '/ajax-api/2.0/mlflow/runs/search',
    '/get-artifact',
    '/version',
  ],
  foundry: ['/api/v2', '/api/v2/models/ri.models.main.model.x/experiments'],
  polyaxon: [
    '/api/v1',
    '/api/v1/root',
    '/api/v1/root/project/experiments/1',
    '/api/v1/Experiment',
    '/api/v1/experiment-x',
    '/api/v1/users/token',
    '/ws/v1/root/project/logs',
    '/tensorboard/root/project',
  ],
  gateway: [
    '/',
    '',
    '/health',
    '/livez',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/v1/openapi.json',
    '/docs',
    '/api',
    '/api/',
    '/api/v1x',
    '/api/v3',
    '/api/v20',
    '/ws/v2',
    '/versions',
    '/console',
    '/API/v1/experiment',
    'api/v1/experiment',
  ],
};

const rows = Object.entries(paths).flatMap(([answerer, of]) => of.map((path) => ({ answerer, path })));

describe('dialectOf', () => {
  it.each(rows)('gives $path to $answerer', ({ answerer, path }) => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      expect(dialectOf({ method, path, authorization: undefined })).toBe(answerer);
    }
  });

  it.each([
    { method: 'GET', authorization: 'token abc', answerer: 'polyaxon' },
    { method: 'HEAD', authorization: 'token abc', answerer: 'polyaxon' },
    { method: 'GET', authorization: 'ToKeN abc', answerer: 'polyaxon' },
    { method: 'GET', authorization: 'Bearer token', answerer: 'mlflow' },
    { method: 'GET', authorization: 'tokens abc', answerer: 'mlflow' },
    { method: 'GET', authorization: undefined, answerer: 'mlflow' },
    { method: 'POST', authorization: 'token abc', answerer: 'mlflow' },
  ])('gives $method /api/v1/experiments with $authorization to $answerer', ({ answerer, ...head }) => {
    expect(dialectOf({ ...head, path: '/api/v1/experiments' })).toBe(answerer);
  });

  it('gives longer paths under experiments to MLflow whatever the scheme', () => {
    const head = { method: 'GET', path: '/api/v1/experiments/runs', authorization: 'token abc' };
    expect(dialectOf(head)).toBe('mlflow');
  });
});
