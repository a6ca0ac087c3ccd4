import { invalid } from '../../../src/core/errors.js';
import type { Micros } from '../../../src/core/time.js';
import type { NewTrackedRun } from '../../../src/services/runs/create.js';
import { withExtension } from '../extensions.js';
import type { RunInput } from '../wire/run.js';
import { projectedTags, sortTags, toCodeRef } from './tags.js';
import { toMicros } from './time.js';

/** The tag by which a client may repeat a request and find the first run (`franca.idempotencyKey`). */
const idempotencyTag = 'franca.idempotencyKey';

/** Of the two places where a client names a run; both must say the same. */
function nameOf(input: RunInput, tagged: string | null): string | null {
  if (input.run_name !== '' && tagged !== null && tagged !== '' && tagged !== input.run_name) {
    throw invalid('run_name', `must be the same as the tag ${projectedTags.name}`);
  }
  return input.run_name || tagged || null;
}

/**
 * What a client asks for as a new run, which reports here and runs somewhere else.
 *
 * @param name for a run that the client does not name.
 * @throws CoreError `invalid` for two names that differ.
 */
export function toNewRun(
  input: RunInput,
  projectNumber: number,
  { name, idempotencyKey }: { name: string; idempotencyKey: string | null },
): NewTrackedRun {
  const { fields, tags } = sortTags(input.tags);
  const startedAt: Micros | null = input.start_time === undefined ? null : toMicros(input.start_time);
  const isBeyond = input.start_time !== undefined && startedAt === null;
  return {
    projectNumber,
    idempotencyKey: idempotencyKey ?? tags.find(({ key }) => key === idempotencyTag)?.value ?? null,
    name: nameOf(input, fields.name ?? null) ?? name,
    description: fields.description ?? null,
    parentRef: fields.parentRef ?? null,
    codeRef: toCodeRef(null, fields) ?? null,
    tags,
    spec: null,
    status: 'running',
    ...(startedAt === null ? {} : { at: startedAt }),
    extensions: withExtension(
      {},
      {
        ...(input.user_id === '' ? {} : { userId: input.user_id }),
        ...(isBeyond ? { startTime: String(input.start_time) } : {}),
      },
    ),
  };
}
