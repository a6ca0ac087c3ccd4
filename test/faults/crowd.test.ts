import { afterEach, beforeEach, expect, it } from 'vitest';
import { hammerWithClients } from '../support/hammer.js';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, full, type Site } from './support.js';

let site: Site;
let server: RunningServer;

beforeEach(async () => {
  site = await createSite();
  server = await startServer({ dataFolder: site.dataFolder, port: site.port });
});

afterEach(async () => {
  await server.stop();
  await site.remove();
});

it('50 clients write the same metrics and params of one run: all is there once, and the summaries are right', async () => {
  await hammerWithClients(server.url, full ? 20 : 4);
  // Nothing was logged, not even a warning.
  expect(server.output()).not.toContain('"level"');
});
