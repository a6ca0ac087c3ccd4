/** An instant in nanoseconds since 1970-01-01 UTC. */
export type Instant = bigint;

/** How texts that are logged write times in UTC: these forms are shown as times, and found as such. */
interface Form {
  readonly separator: 'T' | ' ';
  /** Digits of the fraction of a second. */
  readonly digits: 0 | 3 | 6;
  readonly zone: 'Z' | '+00:00';
}

/** Python's `isoformat()` and `str()`, JavaScript's `toISOString()`, and Java's `Instant.toString()`. */
export const forms: readonly Form[] = [
  ...([0, 3, 6] as const).flatMap((digits): Form[] => [
    { separator: 'T', digits, zone: 'Z' },
    { separator: 'T', digits, zone: '+00:00' },
  ]),
  { separator: ' ', digits: 0, zone: '+00:00' },
  { separator: ' ', digits: 6, zone: '+00:00' },
];

const perSecond = 1_000_000_000n;

/** The ends of the years 1 to 9999. */
const [firstSecond, lastSecond] = [-62_135_596_800, 253_402_300_799];

const pattern = /^(\d{4}-\d{2}-\d{2})([T ])(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/;

/** The instant that a text with a zone names, in any form of ISO 8601 of the years 1 to 9999; null for any other text. */
export function parseInstant(text: string): Instant | null {
  const [, day = '', , time = '', fraction = '', zone = ''] = pattern.exec(text) ?? [];
  const millis = Date.parse(`${day}T${time}Z`);
  // A day that its month has not is moved on by the system: such a text does not come back.
  if (Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(`${day}T${time}`)) return null;
  const offset = offsetOf(zone);
  const second = millis / 1000 - (offset ?? 0) * 60;
  if (offset === null || second < firstSecond || second > lastSecond) return null;
  return BigInt(second) * perSecond + BigInt(fraction.padEnd(9, '0'));
}

/** Minutes east of UTC. */
function offsetOf(zone: string): number | null {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** True for a text that is shown as a time: one in UTC, written in one of the forms. */
export function isTime(text: string): boolean {
  const [, , separator, , fraction = '', zone] = pattern.exec(text) ?? [];
  const isForm = forms.some(
    (form) => form.separator === separator && form.digits === fraction.length && form.zone === zone,
  );
  return isForm && parseInstant(text) !== null;
}

/** How a time that was logged is shown: ISO 8601. */
export function toWireTime(text: string): string {
  return text.replace(' ', 'T');
}

/** The text in a form of an instant, or of the last one before it that the form can write. */
export function textIn({ separator, digits, zone }: Form, instant: Instant): string {
  const second = floorDivide(instant, perSecond);
  const iso = new Date(Number(second) * 1000).toISOString().slice(0, 19).replace('T', separator);
  const fraction = String(instant - second * perSecond)
    .padStart(9, '0')
    .slice(0, digits);
  return `${iso}${digits === 0 ? '' : `.${fraction}`}${zone}`;
}

/** True if the form can write the instant exactly. */
export function isExactIn({ digits }: Form, instant: Instant): boolean {
  return instant % 10n ** BigInt(9 - digits) === 0n;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
