/** What must be true for the server to be of use. */
export interface Health {
  /** Resolves when the database answers; rejects when it does not. */
  pingStore(): Promise<void>;
  /** True once everything that an earlier process left running has been found again. */
  reconcilerReady(): boolean;
  /** False while the place where jobs run cannot be asked. */
  runnerReachable(): boolean;
  stopping(): boolean;
}

/** The truth, part by part. */
export interface Readiness {
  readonly ready: boolean;
  readonly store: 'ok' | 'failing';
  readonly reconciler: 'ok' | 'recovering';
  /** Whatever it is, requests are served: what shall run is stored, and starts later. */
  readonly runner: 'ok' | 'unreachable';
  readonly stopping: boolean;
}

/** Looks at each part now. A database that does not answer in `timeoutMs` counts as failing. */
export async function readiness(health: Health, timeoutMs = 2_000): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const answered = health.pingStore().then(
    () => true,
    () => false,
  );
  const store = (await Promise.race([answered, late])) ? 'ok' : 'failing';
  clearTimeout(timer);
  const reconciler = health.reconcilerReady() ? 'ok' : 'recovering';
  const runner = health.runnerReachable() ? 'ok' : 'unreachable';
  const stopping = health.stopping();
  return { ready: store === 'ok' && reconciler === 'ok' && !stopping, store, reconciler, runner, stopping };
}
