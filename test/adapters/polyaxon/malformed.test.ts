import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { checkAnswer } from './harness.js';
import { hostileQueries, hostileSorts } from './hostile-queries.js';
import { malformedBodies } from './malformed-bodies.js';
import { malformedFiles } from './malformed-files.js';
import {
  experiments,
  get,
  type Malformed,
  malformedRequests,
  managed,
  project,
  sent,
  tracked,
} from './malformed-requests.js';
import { malformedUploads } from './malformed-uploads.js';

let server: RunningServer;
let before: string;

const file = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'true' } });

beforeAll(async () => {
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '0' } });
  for (const [path, body] of [
    ['/api/v1/projects', { name: 'p' }],
    [experiments, { is_managed: false, name: 'first' }],
    [experiments, { content: file, name: 'second' }],
    [experiments, { is_managed: false, name: 'taken' }],
  ] as const) {
    const answer = await send(sent(path, 'a beginning', body));
    expect([path, answer.text, answer.http]).toEqual([path, answer.text, 201]);
  }
  before = await shown();
});

afterAll(() => server.stop());

/** All that the requests below might have changed. */
async function shown(): Promise<string> {
  const paths = [
    `${experiments}?metrics=true&params=true`,
    ...[tracked, managed, project, '/api/v1/root'],
    ...['statuses', 'metrics', 'logs', 'coderef', 'outputs/tree'].map((part) => `${tracked}/${part}`),
  ];
  const answers: Awaited<ReturnType<typeof send>>[] = [];
  for (const path of paths) answers.push(await send(get('what is there', path, 200)));
  expect(answers.map(({ http }) => http)).toEqual(paths.map(() => 200));
  return answers.map((answer) => answer.text).join('\n');
}

/** Sends a request as it stands: neither path nor headers are tidied. */
async function send(row: Malformed) {
  return checkAnswer(row.method, row.path, await sendRaw(server.port, row));
}

/** Sends it and checks that it is refused as it says, without a word of the server's own insides. */
async function refused(row: Malformed) {
  const answer = await send(row);
  expect([answer.http, answer.http < 400 ? answer.text : Object.keys(answer.body as object).sort()]).toEqual([
    row.status,
    [...row.names].sort(),
  ]);
  for (const words of Object.values(answer.body as object).flat()) expect(words).toMatch(/\S/);
  expect(answer.text.length).toBeLessThan(10_000);
  expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d|SQLITE|node_modules|\/work\//);
  return answer;
}

const requests = [...malformedRequests, ...malformedBodies, ...malformedUploads];

/** Files that only lack what the file of the origin has: a part is enough for a restart. */
const healed = new Set(['nothing', 'blanks', 'no version', 'no kind', 'run without cmd']);
const restarts = malformedFiles.filter(({ name }) => !healed.has(name));

describe('malformed requests', () => {
  it('are more than a hundred, each another one', () => {
    expect(requests.length).toBeGreaterThan(100);
    const distinct = requests.map((row) =>
      JSON.stringify({ ...row, name: '', body: Buffer.from(row.body ?? '').toString('base64') }),
    );
    expect(new Set(distinct).size).toBe(requests.length);
  });

  it.each(requests)('$status: $name', async (row) => {
    await refused(row);
  });
});

describe('malformed files', () => {
  it.each(malformedFiles)('to create: $name', async ({ content, path }) => {
    await refused(sent(experiments, 'a file', { content }, { names: [path] }));
  });

  it.each(restarts)('to restart: $name', async ({ content }) => {
    const answer = await send(sent(`${managed}/restart`, 'a file', { content }));
    expect([answer.http, answer.text]).toEqual([400, expect.stringContaining('"content')]);
    expect(Object.keys(answer.body as object).filter((name) => !/^content(\.|$)/.test(name))).toEqual([]);
  });
});

describe('hostile lists', () => {
  const sendable = (rows: typeof hostileQueries) => rows.filter(({ text: { length } }) => length <= 8_000);

  it.each([
    ...sendable(hostileQueries).map((row) => ({ ...row, name: 'query' })),
    ...sendable(hostileSorts).map((row) => ({ ...row, name: 'sort' })),
  ])('$name $text', async ({ name, text: asked, at }) => {
    const path = `${experiments}?${name}=${encodeURIComponent(asked)}`;
    // A NUL is refused wherever it stands in an address.
    const isNul = asked.includes('\0');
    const answer = await refused(get('a list', path, 400, { names: [isNul ? 'detail' : name] }));
    if (!isNul) expect(answer.text).toContain(`{"${name}":["at ${at}: `);
  });
});

describe('after all of them', () => {
  it('everything is as it was, and no error is in the log', async () => {
    expect(await shown()).toBe(before);
    expect(server.output()).not.toContain('a request failed');
  });
});
