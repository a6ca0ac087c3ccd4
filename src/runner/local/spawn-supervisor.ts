import { spawn } from 'node:child_process';

/** Measured: little of V8's own memory, no helper threads, and no loss of speed with 200 MB of output. */
const nodeFlags = ['--max-semi-space-size=1', '--v8-pool-size=0'];

/** What a supervisor is started with. */
export interface SupervisorOptions {
  /** The compiled program. */
  readonly program: string;
  readonly jobFolder: string;
  /** The file by which it may claim the job. */
  readonly claim: string;
  readonly path: string | undefined;
}

/**
 * Starts a supervisor in a session of its own, so that it outlives this process. Never throws; `onGone` is told
 * when it has ended, or that it could not be started.
 */
export function spawnSupervisor(
  { program, jobFolder, claim, path }: SupervisorOptions,
  onGone: (error: unknown) => void,
): void {
  try {
    const supervisor = spawn(process.execPath, [...nodeFlags, program, jobFolder, claim], {
      cwd: '/',
      env: { ...(path === undefined ? {} : { PATH: path }), UV_THREADPOOL_SIZE: '1' },
      stdio: 'ignore',
      detached: true,
    });
    supervisor.once('exit', () => onGone(null)).once('error', onGone);
    supervisor.unref();
  } catch (error) {
    onGone(error);
  }
}
