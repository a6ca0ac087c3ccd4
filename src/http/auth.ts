import { authenticate } from '../services/accounts/authenticate.js';
import type { Context } from '../services/context.js';
import type { AdapterDeps } from './adapter.js';

function basicSecret(credentials: string): string {
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(credentials)) return '';
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? '' : text.slice(colon + 1);
}

/**
 * The token in an Authorization header: `token X`, `Bearer X`, or the password
 * of `Basic user:X`; schemes in any case. null without a header. A header of another form is a wrong
 * credential, not a missing one: it gives the empty text, which is nobody's token.
 */
export function secretOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const match = /^\s*([a-z]+) +(\S+)\s*$/i.exec(header);
  const [scheme, credentials] = [match?.[1]?.toLowerCase(), match?.[2] ?? ''];
  if (scheme === 'token' || scheme === 'bearer') return credentials;
  return scheme === 'basic' ? basicSecret(credentials) : '';
}

/** The services' context of a request, by its Authorization header. Rejects CoreError `unauthenticated`. */
export async function contextOf(deps: AdapterDeps, authorization: string | undefined): Promise<Context> {
  const actor = await authenticate(deps.ports, deps.authentication, secretOf(authorization));
  return { ports: deps.ports, actor, workspace: deps.workspace };
}
