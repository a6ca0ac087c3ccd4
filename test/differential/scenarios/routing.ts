import { get, gets, post, type Scenario, scenario, send } from '../steps.js';

export const routing: readonly Scenario[] = [
  scenario('routes', [
    get('health', 'root:/health'),
    get('version', 'root:/version'),
    get('server info', 'root:/api/3.0/mlflow/server-info'),
    get('server info for pages', 'root:/ajax-api/3.0/mlflow/server-info'),
    ...gets([
      ['unknown', '/foo'],
      ['unknown below experiments', '/experiments/foo'],
      ['nothing', '<api>'],
      ['unknown version', 'root:/api/9.0/mlflow/experiments/get?experiment_id=0'],
      ['unknown service', 'root:/api/2.0/foo/experiments/get'],
      ['with a slash behind', '/experiments/get/?experiment_id=0'],
      ['with two slashes', '//experiments/get?experiment_id=0'],
      ['in capitals', '/Experiments/get?experiment_id=0'],
      ['list, which is older', '/experiments/list'],
    ]),
    send('PUT', 'by another method', '/experiments/get?experiment_id=0', '{}'),
    send('DELETE', 'by DELETE', '/runs/create', undefined),
    get('a write by GET', '/runs/create'),
    post('a read by POST', '/experiments/get', { experiment_id: '0' }),
    send('OPTIONS', 'by OPTIONS', '/experiments/get', undefined),
    post('a body of 1 MB and more', '/runs/set-tag', { run_id: 'x', key: 'k', value: 'v'.repeat(1_100_000) }),
    send('POST', 'a body that is no UTF-8', '/experiments/create', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    send('POST', 'a body with a mark of its order', '/experiments/create', '\ufeff{"name": "marked <pass>"}'),
    send('POST', 'a body that is deep', '/experiments/create', `${'['.repeat(5_000)}${']'.repeat(5_000)}`),
    send('POST', 'a body with __proto__', '/experiments/create', '{"__proto__": {"name": "x"}}', {
      field: 'name',
    }),
  ]),
];
