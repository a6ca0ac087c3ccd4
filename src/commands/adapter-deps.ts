import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Workspace } from '../core/model.js';
import type { AdapterDeps, Lifecycle } from '../http/adapter.js';
import type { AuthenticationSettings } from '../services/accounts/authenticate.js';
import { hashSecret } from '../services/accounts/secrets.js';
import type { Ports } from '../services/context.js';

/** Whether requests need a token, and FRANCA_TOKEN by its hash. */
export function authenticationOf(config: Config): AuthenticationSettings {
  return {
    required: config.authRequired,
    defaultUser: config.user,
    tokenHash: config.token === null ? null : hashSecret(config.token),
  };
}

/** What adapters are built from. */
export function adapterDepsOf(
  config: Config,
  parts: { ports: Ports; workspace: Workspace; lifecycle: Lifecycle; logger: Logger; version: string },
): AdapterDeps {
  const { url, jobUrl, allowedHosts, allowedOrigins } = config;
  return {
    ...parts,
    settings: { url, jobUrl, allowedHosts, allowedOrigins },
    authentication: authenticationOf(config),
  };
}
