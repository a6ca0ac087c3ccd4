import { joinLines } from '../core/log-lines.js';
import type { LogRef, LogStore } from '../core/ports/index.js';

const maxLength = 400;

/**
 * The last line that a job printed, on either stream, shortened and without control characters; null if it
 * printed none.
 */
export async function lastLine(logs: LogStore, ref: LogRef): Promise<string | null> {
  const joiner = joinLines();
  let last: string | null = null;
  const keep = (lines: ReturnType<typeof joiner.push>) => {
    last = lines.findLast(({ text }) => text.trim() !== '')?.text ?? last;
  };
  for await (const records of logs.read(ref)) keep(joiner.push(records));
  keep(joiner.end());
  return last === null ? null : shortened(last);
}

function shortened(line: string): string {
  const characters = [...line.replace(/\p{Cc}+/gu, ' ').trim()];
  return characters.length <= maxLength ? characters.join('') : `${characters.slice(0, maxLength).join('')}…`;
}
