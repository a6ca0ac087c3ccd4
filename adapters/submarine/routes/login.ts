import { CoreError } from '../../../src/core/errors.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { maxLoginBytes } from '../../../src/http/route.js';
import { authenticate } from '../../../src/services/accounts/authenticate.js';
import { succeeded, textResponse } from '../wire/envelope.js';
import { loginParam } from '../wire/login.js';
import { mediaTypes } from './common.js';

/** Documented and served: the way from a password to a token. */
export const loginRoutes = {
  token: {
    method: 'post',
    path: '/api/auth/token',
    operationId: 'createToken',
    tag: 'auth',
    summary: 'Get a token',
    description: 'There are no passwords: a token in the place of one is checked and given back.',
    body: { schema: loginParam.optional(), mediaTypes, required: false, maxBytes: maxLoginBytes },
    answers: { 200: { description: 'The token.', schema: textResponse } },
  },
} as const;

/** What is answered where no token is needed and none was sent: clients only look for a text. */
const anyToken = 'none';

/** Adds the route of logins. */
export function addLoginRoute({ addOpen, answer }: DialectApp, deps: AdapterDeps): void {
  addOpen(loginRoutes.token, async ({ body }, c) => {
    const password = body?.password ?? '';
    try {
      await authenticate(deps.ports, deps.authentication, password === '' ? null : password);
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'unauthenticated') throw error;
      throw new CoreError({ code: 'unauthenticated' }, 'User Not Found. Please try again!');
    }
    return answer(c, succeeded(password === '' ? anyToken : password));
  });
}
