import { z } from '@hono/zod-openapi';
import type { Extensions } from '../../src/core/model.js';

/** What only this dialect says of a run. A run that has it was made by an MLflow client. */
const runExtension = z.object({
  /** As the client sent it, if it did; authentication says who really made the run. */
  userId: z.string().optional(),
  /** Milliseconds, where the core's clock cannot hold them. */
  startTime: z.string().optional(),
  /** Milliseconds: sent while the run goes on, or out of the core's range. */
  endTime: z.string().optional(),
});

export type RunExtension = z.output<typeof runExtension>;

/** What only this dialect says of a project. */
const projectExtension = z.object({
  /** Where the client wants artifacts; they are kept here, and this is only told again. */
  artifactLocation: z.string().optional(),
});

export type ProjectExtension = z.output<typeof projectExtension>;

const name = 'mlflow';

/** This dialect's part of a run; null for a run that another dialect made. */
export function runExtensionOf({ extensions }: { readonly extensions: Extensions }): RunExtension | null {
  const own = extensions[name];
  return own === undefined ? null : runExtension.parse(own);
}

/** This dialect's part of a project. */
export function projectExtensionOf({ extensions }: { readonly extensions: Extensions }): ProjectExtension {
  return projectExtension.parse(extensions[name] ?? {});
}

/** The extensions with this dialect's part; what is undefined in it is left out. */
export function withExtension(present: Extensions, own: RunExtension | ProjectExtension): Extensions {
  const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...present, [name]: kept };
}
