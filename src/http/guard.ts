import { isIP } from 'node:net';
import { CoreError } from '../core/errors.js';

/** What the guard compares requests with. */
export interface GuardSettings {
  /** The public address. A page that was loaded from it is our own. */
  readonly url: string;
  /** Host names, lower case, without ports. */
  readonly allowedHosts: readonly string[];
  /** Origins as browsers write them, e.g. `https://ui.example.org`. */
  readonly allowedOrigins: readonly string[];
}

const hostHeader = /^(?:\[([0-9a-f:.]+)\]|([^:@/?#\s[\],]+))(?::\d{1,5})?$/i;

/** The name or address in a Host header, lower case, without port and brackets; null if it has no such form. */
export function hostName(header: string): string | null {
  const match = hostHeader.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

function forbidden(message: string): CoreError {
  return new CoreError({ code: 'forbidden' }, message);
}

/** What of a foreign text may stand in an answer. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

/**
 * Refuses what a page in somebody's browser could send to a server that trusts its network.
 * DNS rebinding needs a name: so Host must be an allowed name or an IP address, which probes and local
 * networks use. CSRF comes with an Origin: so that must be our own or an allowed one.
 */
export interface Guard {
  /** Throws CoreError `forbidden`. Gives the Origin when it is an allowed foreign one, which needs CORS headers. */
  check(host: string | undefined, origin: string | undefined): string | null;
}

export function createGuard(settings: GuardSettings): Guard {
  const hosts = new Set(settings.allowedHosts);
  const origins = new Set(settings.allowedOrigins);
  const ownOrigin = new URL(settings.url).origin;

  function checkHost(host: string | undefined): string {
    const name = host === undefined ? null : hostName(host);
    if (host !== undefined && name !== null && (hosts.has(name) || isIP(name) !== 0))
      return host.toLowerCase();
    const what = host === undefined ? 'a request without a Host header' : `the Host ${quoted(host)}`;
    throw forbidden(`${what} is not taken here; allowed names are set by FRANCA_ALLOWED_HOSTS`);
  }

  return {
    check(host, origin) {
      const own = checkHost(host);
      if (origin === undefined) return null;
      if (origins.has(origin)) return origin;
      if (origin === ownOrigin || origin === `http://${own}` || origin === `https://${own}`) return null;
      throw forbidden(
        `the Origin ${quoted(origin)} is foreign; allowed origins are set by FRANCA_ALLOWED_ORIGINS`,
      );
    },
  };
}
