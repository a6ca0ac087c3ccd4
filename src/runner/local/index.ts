export { createLocalRunner, type LocalRunnerOptions } from './local-runner.js';
export type { Logger } from './logger.js';
