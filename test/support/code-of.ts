import { CoreError, type CoreErrorCode } from '../../src/core/errors.js';

/** The code that this fails with, or `none`. An error of another kind goes on. */
export async function codeOf(work: Promise<unknown>): Promise<CoreErrorCode | 'none'> {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (error instanceof CoreError) return error.code;
    throw error;
  }
}
