import { setTimeout as delay } from 'node:timers/promises';
import type { LogRef, LogStore } from '../../core/ports/logs.js';
import type { Micros } from '../../core/time.js';
import { type Cluster, isStatus } from './cluster.js';
import { createLogReader } from './log-lines.js';
import { advance, type LogPosition, storedPosition } from './log-position.js';

/** Whose output is brought into the store. */
export interface CaptureOptions {
  readonly cluster: Cluster;
  readonly logs: LogStore;
  readonly ref: LogRef;
  /** The API's path of the pod. */
  readonly podPath: string;
  /** The name of the container. */
  readonly container: string;
  /** True once the container will print no more. */
  readonly hasEnded: () => boolean;
  readonly now: () => Micros;
  readonly onError: (error: unknown) => void;
}

/** The bringing of one pod's output into the store. */
export interface Capture {
  /** True once all is stored that there was, or nothing more can be had. */
  readonly done: () => boolean;
  /** Gives up what is not there yet, and says so in the output. */
  abandon(why: string): Promise<void>;
  close(): Promise<void>;
}

const firstWaitMillis = 200;
const longestWaitMillis = 5_000;
/** The output of a container that has ended may fail to come for so long. */
const patienceMillis = 30_000;
/** Of a container that has ended nothing is to be waited for: a stream that says nothing for so long is dead. */
const silenceMillis = 10_000;

/** Follows a container's output from where the store ends; again after each break, until it has ended and all is here. */
export function createCapture(options: CaptureOptions & { readonly onDone: () => void }): Capture {
  const { cluster, logs, ref, podPath } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let isDone = false;
  let position: LogPosition | null = null;

  async function say(words: string): Promise<void> {
    const bytes = Buffer.from(`franca: ${words}`);
    await logs.append(ref, [{ at: options.now(), stream: 'stderr', bytes, endsLine: true }]);
  }

  /** Takes in what the cluster has behind the position. */
  async function takeIn(from: LogPosition): Promise<void> {
    const since =
      from.second === null ? undefined : `${new Date(from.second * 1000).toISOString().slice(0, 19)}Z`;
    const silence = new AbortController();
    let heardAt = performance.now();
    const watching = setInterval(() => {
      if (!options.hasEnded() || performance.now() - heardAt < silenceMillis) return;
      cluster.renewConnections();
      silence.abort(new Error('the output has ended, but its stream has not'));
    }, 1000);
    const reader = createLogReader(from);
    let saidGap = false;
    const store = async (records: ReturnType<typeof reader.push>) => {
      if (reader.gap && !saidGap) {
        saidGap = true;
        await say('lines may be missing here: the node has thrown away what came before these');
      }
      if (records.length === 0) return;
      await logs.append(ref, records);
      position = records.reduce(advance, position ?? from);
    };
    try {
      const bytes = await cluster.stream({
        path: `${podPath}/log`,
        query: { container: options.container, follow: true, timestamps: true, sinceTime: since },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      for await (const chunk of bytes) {
        await store(reader.push(chunk));
        heardAt = performance.now();
      }
      await store(reader.end());
    } finally {
      clearInterval(watching);
    }
  }

  async function follow(): Promise<void> {
    let failures = 0;
    let failingSince: number | null = null;
    while (!signal.aborted && !isDone) {
      const isLast = options.hasEnded();
      try {
        position ??= await storedPosition(logs, ref);
        await takeIn(position);
        failures = 0;
        failingSince = null;
        if (isLast) return finish();
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        failingSince ??= performance.now();
        if (isStatus(error, 404)) return await abandon('its pod is gone');
        if (isLast && performance.now() - failingSince > patienceMillis) return await abandon(String(error));
        // A container that was never started has none, which the kubelet says in many ways.
        if (!isStatus(error, 400)) options.onError(error);
      }
      const wait = Math.min(longestWaitMillis, firstWaitMillis * 2 ** failures);
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  async function abandon(why: string): Promise<void> {
    if (isDone) return;
    await say(`the end of the output may be missing: ${why}`).catch(options.onError);
    finish();
  }

  function finish(): void {
    if (isDone) return;
    isDone = true;
    options.onDone();
  }

  const following = follow().catch(options.onError);
  return {
    done: () => isDone,
    abandon,
    async close() {
      closing.abort();
      await following;
    },
  };
}
