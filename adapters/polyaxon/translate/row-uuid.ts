import { hash } from 'node:crypto';
import { type RunId, uuidToHex } from '../../../src/core/ids.js';

/** The two bits of the variant before the two that the hash gives. */
const variants = '89ab';

/**
 * The uuid of a row of metrics, in hexadecimal: version 5 (RFC 9562), its namespace the run. It is not stored, so an
 * answer computes as many as it has rows; hashed in one step, since `uuid`, which makes an object of OpenSSL's for
 * each, takes four times as long (measured).
 */
export function rowUuid(runId: RunId, row: number): string {
  const named = Buffer.from(`${uuidToHex(runId)}${Buffer.from(`metrics ${row}`).toString('hex')}`, 'hex');
  const digest = hash('sha1', named, 'hex');
  const variant = variants.charAt(Number.parseInt(digest.charAt(16), 16) % 4);
  return `${digest.slice(0, 12)}5${digest.slice(13, 16)}${variant}${digest.slice(17, 32)}`;
}
