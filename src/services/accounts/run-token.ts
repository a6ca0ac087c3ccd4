import { createHmac } from 'node:crypto';
import { CoreError } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Ports } from '../context.js';
import { hashSecret } from './secrets.js';

/** What every run's token begins with, so that one that is not known any more is never taken for no token at all. */
export const runTokenPrefix = 'franca_run_';

/**
 * The token of a run's current attempt, which may do what its run needs and ends with the run; the
 * tokens of earlier attempts end now. It is derived from the server's key, so that a repeated
 * submission hands out the same one though only its hash is stored.
 *
 * @param key the server's secret, 32 random bytes.
 * @throws CoreError `conflict` for a run that nobody of this server made, or that is gone.
 */
export async function issueRunToken(ports: Ports, key: Uint8Array, run: Run): Promise<string> {
  const userKey = run.createdBy.key;
  if (userKey === null) {
    throw new CoreError({ code: 'conflict' }, `${run.createdBy.name} is no user here who could run this`);
  }
  const secret = runSecret(key, run);
  await ports.store.transaction((tx) =>
    tx.accounts.replaceRunToken({
      hash: hashSecret(secret),
      userKey,
      label: null,
      runKey: run.key,
      createdAt: ports.clock.now(),
      expiresAt: null,
    }),
  );
  return secret;
}

function runSecret(key: Uint8Array, { id, attempt }: Run): string {
  const code = createHmac('sha256', key).update(`token of run ${id}, attempt ${attempt}`).digest('base64url');
  return `${runTokenPrefix}${code}`;
}
