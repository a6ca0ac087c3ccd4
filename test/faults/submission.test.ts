import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { submissionPoints } from '../../src/core/ports/index.js';
import {
  createSite,
  eventually,
  experimentOf,
  list,
  logs,
  post,
  query,
  repeatedEvents,
  runsWithoutOneEnd,
  type Site,
  submit,
  waitForEnd,
} from './support.js';

let site: Site;

beforeEach(async () => {
  site = await createSite();
});

afterEach(() => site.remove());

const start = (env: Record<string, string> = {}) => site.start(env);

const job = `
echo "begin $JOB_ID" >> "$WITNESS"
i=0
while [ $i -lt 20 ]; do echo "line $i"; i=$((i+1)); done
sleep 0.2
echo "end $JOB_ID" >> "$WITNESS"
`;
const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);

describe('a submission, with the server killed at a named point', () => {
  it.each(submissionPoints)('%s: one run, one start, one end, the whole log', async (point) => {
    const submission = {
      name: 'once',
      cmd: await site.script('job.sh', job),
      envVars: { WITNESS: site.witnessFile },
    };
    const first = await start({ FRANCA_TEST_CRASH: point });
    await post(first.url, submission, 'key-1').catch(() => undefined);
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await start();
    const { experimentId } = await submit(second.url, submission, 'key-1');
    expect(await waitForEnd(second.url, experimentId)).toMatchObject({ status: 'Succeeded' });
    expect(await list(second.url)).toHaveLength(1);
    expect(await site.witness()).toEqual([`begin ${experimentId}`, `end ${experimentId}`]);
    expect(await logs(second.url, experimentId)).toEqual({ 'once-worker-0': lines });
    expect(repeatedEvents(site)).toEqual([]);
    expect(runsWithoutOneEnd(site)).toEqual([]);
  });
});

describe('a repeated create', () => {
  it('finds the first run when the first answer was lost, and refuses another body', async () => {
    const submission = { name: 'lost', cmd: 'true' };
    const { url, port } = await start();
    await sendAndHangUp(port, JSON.stringify(experimentOf(submission)), 'key-2');
    const [first] = await eventually(async () => {
      const experiments = await list(url);
      expect(experiments).toHaveLength(1);
      return experiments;
    });

    const again = await submit(url, submission, 'key-2');
    expect(again.experimentId).toBe(first?.experimentId);
    const other = await post(url, { ...submission, cmd: 'false' }, 'key-2');
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ status: 'CONFLICT', code: 409, result: null });
    await waitForEnd(url, again.experimentId);
    expect(await list(url)).toHaveLength(1);
  });

  it('is one run however many come at once', async () => {
    const submission = { name: 'many', cmd: 'true' };
    const { url } = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(url, submission, 'key-3')));
    expect(new Set(answers.map(({ experimentId }) => experimentId)).size).toBe(1);
    await waitForEnd(url, answers[0]?.experimentId ?? '');
    expect(query(site, 'select key from run')).toHaveLength(1);
  });
});

/** Sends a whole request and closes the connection without reading the answer. */
function sendAndHangUp(port: number, body: string, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const head = [
        'POST /api/v1/experiment HTTP/1.1',
        `Host: 127.0.0.1:${port}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `Idempotency-Key: ${key}`,
      ];
      socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
    });
    socket.on('close', () => resolve()).on('error', reject);
  });
}
