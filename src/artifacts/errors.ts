import { CoreError, invalid, unavailable } from '../core/errors.js';

/** The system's name of an error, e.g. `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null | undefined)?.code;
}

const byCode: Readonly<Record<string, () => CoreError>> = {
  ENOTDIR: () => invalid('path', 'leads through something that is not a folder'),
  ELOOP: () => invalid('path', 'leads through something that is not a folder'),
  EISDIR: () => invalid('path', 'is a folder'),
  ENAMETOOLONG: () => invalid('path', 'is too long'),
  EFBIG: () => new CoreError({ code: 'too_large' }, 'the file is larger than the disk can hold'),
};

const passing = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EACCES',
  'EPERM',
]);

/** A failed call of the file system as services know it; any other error, such as a client's stream's, as it is. */
export function translated(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof CoreError || code === undefined) return error;
  if (!Object.hasOwn(error as object, 'syscall')) return error;
  if (passing.has(code)) return unavailable('the artifact store cannot do this now', error);
  return byCode[code]?.() ?? error;
}

/** Runs work on the file system and translates what it throws. */
export async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error);
  }
}
