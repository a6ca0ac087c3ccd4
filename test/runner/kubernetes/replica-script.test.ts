import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quoted, type ReplicaScript, replicaScript } from '../../../src/runner/kubernetes/replica-script.js';

const print = (name: string) => ['/bin/sh', '-c', `printf %s "$${name}"`].map((word) => [word, word, word]);

describe('the script of a replica', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'franca-script-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(script: Partial<ReplicaScript>, replica: number): string {
    const builtFile = join(folder, 'built');
    const text = replicaScript({ variables: {}, words: [], setup: null, builtFile, ...script });
    return execFileSync('/bin/sh', ['-c', text], {
      env: { PATH: '/usr/bin:/bin', JOB_COMPLETION_INDEX: String(replica) },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  it.each([
    [['0', '1', '2']],
    [['rank 10 of 12', 'rank 11 of 12', 'rank 9 of 12']],
    [['', 'a', 'aa']],
    [['aa', 'a', '']],
    [["it's", "it's'", '"$HOME" `id` \\']],
    [['line\nline', 'line\nother\n', '\n']],
    [['😀', '😁', '😂']],
    [['x😀y', 'x🤖y', 'x😀😀y']],
    [['{"a":[1]}', '{"a":[2]}', '{"a":[]}']],
  ])('gives each its own of %j', (values) => {
    for (const [replica, value] of values.entries()) {
      expect(run({ variables: { V: values }, words: print('V') }, replica)).toBe(value);
      expect(run({ words: [['printf', 'printf', 'printf'], ['%s', '%s', '%s'], values] }, replica)).toBe(
        value,
      );
    }
  });

  it('does the setup first, in a shell that ends at the first failure, and marks its end', () => {
    const words = [['echo'], ['command']];
    expect(run({ words, setup: 'echo "it\'s set up"' }, 0)).toBe("it's set up\ncommand\n");
    expect(existsSync(join(folder, 'built'))).toBe(true);
  });

  it('ends as the setup does that fails, without the command', () => {
    const words = [['echo'], ['command']];
    expect(() => run({ words, setup: 'false; echo on' }, 0)).toThrow(
      expect.objectContaining({ status: 1, stdout: '' }),
    );
    expect(() => run({ words, setup: 'exit 7' }, 0)).toThrow(expect.objectContaining({ status: 7 }));
    expect(existsSync(join(folder, 'built'))).toBe(false);
  });

  it('grows with what differs alone', () => {
    const addresses = Array.from(
      { length: 500 },
      (_, index) => `worker-${index}.a-run.default.svc:2222`,
    ).join();
    const values = Array.from({ length: 500 }, (_, index) => JSON.stringify({ addresses, index }));
    const script = replicaScript({ variables: { CLUSTER: values }, words: [], setup: null, builtFile: '/x' });
    expect(script.length).toBeLessThan(addresses.length + 500 * 30);
  });

  it('leaves nothing of its own behind for variables that are the same', () => {
    const words = [['echo', 'echo']];
    expect(replicaScript({ variables: {}, words, setup: null, builtFile: '/x' })).toBe("exec 'echo'");
  });

  it('quotes', () => {
    expect(quoted("a'b")).toBe("'a'\\''b'");
  });
});
