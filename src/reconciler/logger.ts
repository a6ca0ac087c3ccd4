/** What the reconciler tells of its troubles; a pino logger fits. */
export interface ReconcilerLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
