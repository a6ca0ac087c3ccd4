import { CoreError, notFound } from '../../../src/core/errors.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { maxLoginBytes } from '../../../src/http/route.js';
import { authenticate } from '../../../src/services/accounts/authenticate.js';
import { getRun } from '../../../src/services/runs/get.js';
import { chartVersion, clientVersion, credentials, logHandler, token, user } from '../wire/account.js';
import { atExperiment, experimentParams, experimentPath } from './common.js';

const supported = { latest_version: '0.6.1', min_version: '0.5.0' } as const;

function versionRoute(name: string) {
  return {
    method: 'get',
    path: `/api/v1/versions/${name}`,
    operationId: `${name}Version`,
    tag: 'versions',
    summary: `Get the supported versions of the ${name}`,
    answers: { 200: { description: 'Versions.', schema: clientVersion } },
  } as const;
}

/** Documented and served: who calls, and what clients ask before they begin. */
export const accountRoutes = {
  user: {
    method: 'get',
    path: '/api/v1/users',
    operationId: 'getUser',
    tag: 'users',
    summary: 'Get the caller',
    answers: { 200: { description: 'The caller.', schema: user } },
  },
  login: {
    method: 'post',
    path: '/api/v1/users/token',
    operationId: 'createToken',
    tag: 'users',
    summary: 'Get a token',
    description: 'There are no passwords: a token in the place of one is checked and given back.',
    body: {
      schema: credentials,
      mediaTypes: ['application/x-www-form-urlencoded', 'application/json'],
      maxBytes: maxLoginBytes,
    },
    answers: { 200: { description: 'The token.', schema: token } },
  },
  exchange: {
    method: 'post',
    path: `${experimentPath}/ephemeraltoken`,
    operationId: 'exchangeEphemeralToken',
    tag: 'users',
    summary: 'Exchange the token that a job was given',
    description:
      'Authorization is `EphemeralToken …` with the token of that experiment, which is given back.',
    params: experimentParams,
    answers: { 200: { description: 'The token.', schema: token } },
  },
  cli: versionRoute('cli'),
  platform: versionRoute('platform'),
  lib: versionRoute('lib'),
  chart: {
    method: 'get',
    path: '/api/v1/versions/chart',
    operationId: 'chartVersion',
    tag: 'versions',
    summary: 'Get the version of the chart',
    answers: { 200: { description: 'The version.', schema: chartVersion } },
  },
  logHandler: {
    method: 'get',
    path: '/api/v1/log_handler',
    operationId: 'getLogHandler',
    tag: 'versions',
    summary: 'Get where clients send their errors',
    answers: { 200: { description: 'Nowhere.', schema: logHandler } },
  },
} as const;

/** What is answered where no token is needed and none was sent: clients only look for a text. */
const anyToken = 'none';

const ephemeral = /^\s*EphemeralToken +(\S+)\s*$/i;

/** Adds the routes of users and of what clients ask before they begin. */
export function addAccountRoutes({ add, addOpen, answer }: DialectApp, deps: AdapterDeps): void {
  const { ports, authentication, workspace } = deps;

  add(accountRoutes.user, (_input, ctx, c) => {
    const { name, isSuperuser } = ctx.actor.user;
    return answer(c, { username: name, email: null, is_superuser: isSuperuser && ctx.actor.runKey === null });
  });

  addOpen(accountRoutes.login, async ({ body }, c) => {
    await authenticate(ports, authentication, body.password === '' ? null : body.password);
    return answer(c, { token: body.password === '' ? anyToken : body.password });
  });

  addOpen(accountRoutes.exchange, async ({ params }, c) => {
    const secret = ephemeral.exec(c.req.header('Authorization') ?? '')?.[1];
    if (secret === undefined)
      throw new CoreError({ code: 'unauthenticated' }, 'an EphemeralToken is required');
    const actor = await authenticate(ports, { ...authentication, required: true }, secret);
    const { ctx, ref } = await atExperiment({ ports, actor, workspace }, params);
    const { run } = await getRun(ctx, ref);
    if (actor.runKey !== run.key) throw notFound('run');
    return answer(c, { token: secret });
  });

  for (const route of [accountRoutes.cli, accountRoutes.platform, accountRoutes.lib]) {
    add(route, (_input, _ctx, c) => answer(c, supported));
  }
  add(accountRoutes.chart, (_input, _ctx, c) => answer(c, { version: supported.latest_version }));
  add(accountRoutes.logHandler, (_input, _ctx, c) =>
    answer(c, { dsn: null, environment: 'franca', tags: {} }),
  );
}
