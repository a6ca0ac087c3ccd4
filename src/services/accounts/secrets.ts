import { createHash } from 'node:crypto';

/** What is stored of a token: its SHA-256, in hex. A token is 256 random bits, so no salt is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
