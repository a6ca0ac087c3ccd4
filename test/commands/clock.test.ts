import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../src/commands/system-ports.js';
import { watchClock } from '../../src/commands/watch-clock.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-clock-'));
  file = join(folder, 'offset');
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

describe('the clock', () => {
  it('is the system’s, in microseconds', () => {
    vi.useFakeTimers({ now: 1_700_000_000_123 });
    expect(createClock(null).now()).toBe(1_700_000_000_123_000);
  });

  it('is ahead by what the file says each time', () => {
    vi.useFakeTimers({ now: 1_700_000_000_123 });
    const clock = createClock(file);
    writeFileSync(file, '5');
    expect(clock.now()).toBe(1_700_000_000_128_000);
    writeFileSync(file, '-1000\n');
    expect(clock.now()).toBe(1_699_999_999_123_000);
  });
});

describe('who watches the clock', () => {
  it('warns once for each step back of more than a second, and for no other', () => {
    vi.useFakeTimers();
    const clock = createClock(file);
    const warn = vi.fn();
    writeFileSync(file, '0');
    const stop = watchClock(clock, { warn });
    const stepTo = (millis: number) => {
      writeFileSync(file, String(millis));
      vi.advanceTimersByTime(10_000);
    };
    stepTo(600_000);
    stepTo(599_000);
    expect(warn).not.toHaveBeenCalled();
    stepTo(-1_000);
    expect(warn.mock.calls).toEqual([[{ seconds: 600 }, 'the system clock was set back']]);
    stop();
    stepTo(-600_000);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
