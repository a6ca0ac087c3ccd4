/** How closely a media range of an Accept header names a type: 2 exactly, 1 by its main type, 0 as anything, -1 not. */
function closeness(range: string, type: string): number {
  if (range === type) return 2;
  if (range === `${type.slice(0, type.indexOf('/'))}/*`) return 1;
  return range === '*/*' || range === '*' ? 0 : -1;
}

/**
 * True unless an Accept header excludes a media type. As in RFC 9110 section 12.5.1 the closest
 * range decides, and a weight of 0 excludes; no header, or an empty one, takes everything.
 */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '' || header === '*/*') return true;
  let closest = -1;
  let taken = false;
  for (const item of header.split(',')) {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const rank = closeness(range, type);
    if (rank < 0 || rank < closest) continue;
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '') ?? '1';
    taken = Number(weight) > 0 || (rank === closest && taken);
    closest = rank;
  }
  return taken;
}
