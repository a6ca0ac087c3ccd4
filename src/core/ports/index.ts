export * from './artifacts.js';
export * from './logs.js';
export * from './meter.js';
export * from './runner.js';
export * from './runs.js';
export * from './services.js';
export * from './store.js';
export * from './system.js';
