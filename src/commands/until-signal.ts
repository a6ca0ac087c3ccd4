import type { Serving } from './serve.js';

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // The handlers stay: a second signal must not end the process in the middle of a stop.
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

/** Logs what nobody caught and ends the process: its state is not to be trusted, and its jobs go on. */
function endOnUnhandled({ logger }: Serving): void {
  const end = (error: unknown): never => {
    logger.fatal({ err: error }, 'unhandled error');
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Prints the banner, serves until SIGTERM or SIGINT, and ends the process with code 0 within the seconds given. */
export async function runUntilSignal(serving: Serving, shutdownSeconds: number): Promise<void> {
  const signalled = nextSignal();
  endOnUnhandled(serving);
  process.stdout.write(serving.banner);
  const signal = await signalled;
  serving.logger.info({ signal }, 'stopping');
  // What is acknowledged is durable, so that nothing is lost by not waiting longer.
  setTimeout(() => process.exit(0), shutdownSeconds * 1000);
  await serving.stop();
  process.exit(0);
}
