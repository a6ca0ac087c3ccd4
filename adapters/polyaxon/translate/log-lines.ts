import type { RunLine } from '../../../src/services/logs/run-lines.js';
import type { RunView } from '../../../src/services/runs/view.js';
import { replicaNameOf } from './names.js';

/** Makes texts of a run's lines. */
export interface LineWriter {
  /** Lines for a client that shows them one by one. */
  list(lines: readonly RunLine[]): string[];
  /** The same as one text, with a newline behind each. */
  text(lines: readonly RunLine[]): string;
}

/**
 * Lines of a run of one job stand as they were printed. Where several jobs print, each line begins with who
 * printed it, e.g. `worker.2 -- `, which the CLI colours.
 */
export function lineWriter({ spec, jobs }: Pick<RunView, 'spec' | 'jobs'>): LineWriter {
  const replicas = spec?.roles.reduce((sum, role) => sum + role.replicas, 0) ?? 0;
  const isShared = Math.max(replicas, new Set(jobs.map(({ name }) => name)).size) > 1;
  const written = ({ job, text }: RunLine) =>
    isShared && job !== null ? `${replicaNameOf(job)} -- ${text}` : text;
  return {
    list: (lines) => lines.map(written),
    text: (lines) =>
      lines.map((line) => (line.endsLine || isShared ? `${written(line)}\n` : written(line))).join(''),
  };
}
