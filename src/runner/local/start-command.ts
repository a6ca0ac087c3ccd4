/** Starts a job's command and says in words why it could not. Supervisors load this module, so it needs nothing but Node. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import type { Command } from '../../core/spec.js';
import { failed, type JobEnd } from './state-file.js';

/** What is to be started, where, and what its output is connected to. */
export interface StartOptions {
  readonly command: Command;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  readonly stdout: number;
  readonly stderr: number;
}

/** A started process; or, if it could not be started, how its job ends. */
export type Started = { readonly child: ChildProcess; readonly pid: number } | { readonly failure: JobEnd };

/** Starts the command in a session and process group of its own, with no input. */
export async function startCommand(options: StartOptions): Promise<Started> {
  const argv =
    options.command.kind === 'shell' ? ['/bin/sh', '-c', options.command.script] : options.command.argv;
  const fault = faultOf(argv, options.environment);
  if (fault !== null) return { failure: failed('config_error', fault) };
  const [file = '', ...words] = argv;
  try {
    const child = spawn(file, words, {
      cwd: options.workingFolder,
      env: options.environment,
      stdio: ['ignore', options.stdout, options.stderr],
      detached: true,
    });
    if (child.pid !== undefined) return { child, pid: child.pid };
    const [error] = await once(child, 'error').catch((cause: unknown) => [cause]);
    return { failure: explain(error as NodeJS.ErrnoException, file, options.workingFolder) };
  } catch (error) {
    return { failure: explain(error as NodeJS.ErrnoException, file, options.workingFolder) };
  }
}

function faultOf(argv: readonly string[], environment: Readonly<Record<string, string>>): string | null {
  const [file] = argv;
  if (file === undefined || file === '') return 'the command is empty';
  if (argv.some((word) => word.includes('\0'))) return 'the command contains a NUL character';
  for (const [name, value] of Object.entries(environment)) {
    if (name === '' || /[=\0]/.test(name))
      return `${shown(name)} cannot be the name of an environment variable`;
    if (value.includes('\0')) return `the environment variable ${shown(name)} contains a NUL character`;
  }
  return null;
}

function explain(error: NodeJS.ErrnoException, file: string, workingFolder: string): JobEnd {
  switch (error.code) {
    case 'ENOENT':
      if (!fs.existsSync(workingFolder)) return failed('internal', 'the working folder of the job is gone');
      if (fs.existsSync(file))
        return failed('config_error', `the interpreter of ${shown(file)} was not found`);
      return failed('config_error', `command not found: ${shown(file)}`);
    case 'EACCES':
      return failed('config_error', `${shown(file)} may not be executed: permission denied`);
    case 'ENOEXEC':
      return failed('config_error', `${shown(file)} is not a program that this machine can run`);
    case 'E2BIG':
      return failed('config_error', 'the command and its environment are too long');
    case 'ENAMETOOLONG':
    case 'ELOOP':
    case 'ENOTDIR':
    case 'EISDIR':
      return failed('config_error', `${shown(file)} cannot be executed: ${error.code}`);
    default:
      return failed('internal', `${shown(file)} could not be started: ${error.code ?? error.message}`);
  }
}

function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
