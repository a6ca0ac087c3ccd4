import { createInterface } from 'node:readline';
import { z } from '@hono/zod-openapi';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { createHttpServer } from '../../src/http/node-server.js';
import { finishRun } from '../../src/services/lifecycle/finish.js';
import { followLogs } from '../../src/services/logs/follow.js';
import { createRun } from '../../src/services/runs/create.js';
import type { RunView } from '../../src/services/runs/view.js';
import { createSite } from '../http/support.js';
import { aSpec } from '../support/builders.js';
import { aRequest } from '../support/services.js';

/*
 * A server of its own process that tells runs over WebSockets, for tests of what that costs. It makes as
 * many runs as it is told to and prints where it listens; then it takes commands, one a line: `usage`
 * prints memory and time used, `finish` ends the first run.
 */
const site = await createSite();
const { ports, workspace } = site.deps;
const user = await ports.store.read.accounts.findUser('root');
if (user === null) throw new Error('bootstrap makes the user');
const ctx = { ports, workspace, actor: { user, runKey: null } };
const views: RunView[] = [];
for (let n = 0; n < Number(process.argv[2]); n += 1) {
  views.push(await createRun(ctx, aRequest({ spec: aSpec() })));
}

const app = createDialectApp({
  deps: site.deps,
  title: 'Follow',
  description: 'A dialect for tests.',
  contentType: 'application/json',
  checksAccept: false,
  maxBodyBytes: 0,
  errorSchema: z.object({}).openapi('FollowProblem'),
  renderError: (error) => ({ status: 400, body: { message: error.message } }),
});
app.addSocket(
  {
    path: '/follow/{index}',
    operationId: 'follow',
    tag: 'Follow',
    summary: 'A run',
    params: z.object({ index: z.coerce.number() }),
  },
  ({ params }, context) =>
    async ({ send, signal }) => {
      const key = views[params.index]?.run.key;
      if (key === undefined) throw new Error('no such run');
      const { events } = await followLogs(context, { key }, { signal });
      for await (const event of events) {
        if (event.kind === 'status') await send(JSON.stringify({ lines: null, status: event.event.status }));
        else await send(JSON.stringify({ lines: event.lines.map(({ text }) => text), status: null }));
      }
    },
);
const server = createHttpServer((request, bindings) => app.app.fetch(request, bindings));
const { port } = await server.listen('127.0.0.1', 0);

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

const { folderOf } = ports.logs as unknown as { folderOf(ref: { runId: string; jobId: string }): string };
say({
  port,
  folders: views.map(({ run, jobs }) => folderOf({ runId: run.id, jobId: jobs[0]?.id ?? '' })),
});
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'usage') {
    globalThis.gc?.();
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    say({ rss: process.memoryUsage.rss(), cpuMicros: user + system });
  } else {
    const [first] = views;
    if (first === undefined) throw new Error('no run');
    await finishRun(ports, first.run.key, 1, { status: 'succeeded', reason: null, message: null, at: null });
    say({ finished: true });
  }
}
await server.close(0);
await site.remove();
