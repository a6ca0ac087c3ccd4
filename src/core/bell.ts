/** Wakes one waiter; it remembers that it was rung until it is cleared. */
export interface Bell {
  readonly ring: () => void;
  clear(): void;
  /** Resolves when it has been rung since it was last cleared. */
  rung(): Promise<void>;
}

/** A bell that was not rung yet. Cleared before a look and waited for after it, it misses no change. */
export function createBell(): Bell {
  let isRung = false;
  let answer: (() => void) | null = null;
  return {
    ring() {
      isRung = true;
      answer?.();
      answer = null;
    },
    clear() {
      isRung = false;
    },
    rung: () =>
      isRung
        ? Promise.resolve()
        : new Promise((resolve) => {
            answer = resolve;
          }),
  };
}
