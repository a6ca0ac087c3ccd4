import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, type Client, createClient, listOf, objectOf, seedExperiment } from './harness.js';

let client: Client;
let id: string;

beforeEach(async () => {
  client = await createClient();
  const { result } = await client.call('POST', '/api/v1/experiment', { body: seedExperiment });
  id = String(at(result, 'experimentId'));
});

afterEach(() => client.close());

/** Stores what the experiment's first job printed. */
async function print(lines: Iterable<Uint8Array>): Promise<void> {
  const { ports, workspace } = client.site.deps;
  const [run] = await ports.store.read.runs.page({ workspaceKey: workspace.key, limit: 1 });
  if (run === undefined) throw new Error('it was created');
  const [job] = await ports.store.read.jobs.list([run.key]);
  if (job === undefined) throw new Error('a run has jobs');
  const records = [...lines].map((bytes) => ({ at: 1, stream: 'stdout', bytes, endsLine: true }) as const);
  await ports.logs.append({ runId: run.id, jobId: job.id }, records);
}

const text = (line: string) => new TextEncoder().encode(line);

describe('logs', () => {
  it('are lists of lines by pod', async () => {
    await print([text('line 1'), text(''), text('Zeile “2” 😀'), text('')]);
    const { result } = await client.call('GET', `/api/v1/experiment/logs/${id}`);
    expect(result).toEqual({
      experimentId: id,
      logContent: [
        { podName: 'tf-mnist-json-ps-0', podLog: ['line 1', '', 'Zeile “2” 😀'] },
        { podName: 'tf-mnist-json-worker-0', podLog: [] },
      ],
    });
  });

  it('are empty in lists, where every pod is named', async () => {
    await print([text('line 1')]);
    const { result } = await client.call('GET', '/api/v1/experiment/logs');
    expect(result).toEqual([
      {
        experimentId: id,
        logContent: [
          { podName: 'tf-mnist-json-ps-0', podLog: [] },
          { podName: 'tf-mnist-json-worker-0', podLog: [] },
        ],
      },
    ]);
  });

  it('may hold bytes that are no text', async () => {
    await print([Uint8Array.of(0x61, 0xff, 0xfe, 0x62), Uint8Array.of(0), text('"\\\u001b')]);
    const { result } = await client.call('GET', `/api/v1/experiment/logs/${id}`);
    expect(at(listOf(at(result, 'logContent'))[0], 'podLog')).toEqual(['a\ufffd\ufffdb', '\0', '"\\\u001b']);
  });

  it('are read whole however long they are', async () => {
    const count = 200_000;
    await print(Array.from({ length: count }, (_, index) => text(`line ${index}`)));
    const answer = await client.raw('GET', `/api/v1/experiment/logs/${id}`);
    const lines = at(listOf(at(objectOf(await answer.json()).result, 'logContent'))[0], 'podLog');
    expect(lines).toEqual(Array.from({ length: count }, (_, index) => `line ${index}`));
  });

  it('of an unknown experiment are Submarine’s 404', async () => {
    const answer = await client.call('GET', '/api/v1/experiment/logs/experiment_1_0001');
    expect(answer).toMatchObject({ http: 404, message: 'Not found experiment.' });
  });
});
