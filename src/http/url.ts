import { getPath } from 'hono/utils/url';

const underV1 = /^\/+(?:api|ws)\/+v1(?=\/|$)/;

/**
 * The path of a request as every app of Franca routes it (Hono's `getPath`): under `/api/v1` and `/ws/v1`
 * repeated slashes count as one and a trailing slash does not count, as in JAX-RS and Django;
 * elsewhere the path is left alone.
 */
export function tidyPath(request: Request): string {
  return tidy(getPath(request));
}

/** The same for a path that is already cut out of its URL. */
export function tidy(path: string): string {
  if (!path.includes('//') && !path.endsWith('/')) return path;
  if (!underV1.test(path)) return path;
  return path.replace(/\/{2,}/g, '/').replace(/\/$/, '');
}

/** True when every percent-escape of a URL is UTF-8 text without NUL: what no client needs and stores choke on. */
export function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true;
  try {
    return !decodeURIComponent(url.replaceAll('+', ' ')).includes('\0');
  } catch {
    return false;
  }
}

/** A part of a path that stands for this folder or the one above: `.`, `..`, or the same in percent signs. */
const dotSegment = /[\\/](?:\.|%2e){1,2}(?:[\\/]|$)/i;

/**
 * True when a request target, as it was sent, means another path than it says: URLs are tidied before they are routed,
 * so that `/files/..` would be `/`, and `/files/#x` would be `/files/`. Clients tidy what they send; where one does not,
 * a name that somebody else chose has come into its path.
 */
export function isMisleading(target: string): boolean {
  const [path = ''] = target.split('?', 1);
  return target.includes('#') || path.includes('\\') || dotSegment.test(path);
}

/**
 * The path that says who answers a request: as it is routed, or, where that misleads, as it was sent, so that it is
 * refused by whom it names and not by whom it would lead to.
 *
 * @param target as it was sent; undefined where the request came by no socket.
 */
export function addressedPath(request: Request, target: string | undefined): string {
  return target !== undefined && isMisleading(target) ? target : tidyPath(request);
}
