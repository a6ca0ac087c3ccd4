import { notFound } from '../../core/errors.js';
import type { Micros } from '../../core/time.js';
import type { Ports } from '../context.js';
import { hashSecret } from './secrets.js';

/**
 * Makes a token for a user. The secret is given back here and nowhere else: only its hash is stored.
 *
 * @throws CoreError `not_found` for an unknown user.
 */
export async function createToken(
  ports: Ports,
  input: { user: string; label: string | null; expiresAt: Micros | null },
): Promise<{ secret: string }> {
  const secret = ports.ids.secret();
  await ports.store.transaction(async (tx) => {
    const user = await tx.accounts.findUser(input.user);
    if (user === null) throw notFound('user', `there is no user ${input.user}`);
    const now = ports.clock.now();
    await tx.accounts.insertToken({
      hash: hashSecret(secret),
      userKey: user.key,
      label: input.label,
      runKey: null,
      createdAt: now,
      expiresAt: input.expiresAt,
    });
    await tx.audit.append({ actor: 'admin', action: 'grant', entity: `user ${user.id}`, at: now });
  });
  return { secret };
}
