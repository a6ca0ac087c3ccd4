#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createFoundryAdapter } from '../adapters/foundry/index.js';
import { createMlflowAdapter } from '../adapters/mlflow/index.js';
import { createPolyaxonAdapter } from '../adapters/polyaxon/index.js';
import { createSubmarineAdapter } from '../adapters/submarine/index.js';
import { createCli } from './cli.js';
import { addNewUser, createNewToken, migrateDatabase } from './commands/admin.js';
import { formatDocument, openApiDocuments, writeDocuments } from './commands/openapi.js';
import { type Product, serve } from './commands/serve.js';
import { runUntilSignal } from './commands/until-signal.js';
import { ConfigError } from './config.js';

/** The dialects of this server. A new one is a folder under adapters/ and a line here. */
const factories = [createSubmarineAdapter, createPolyaxonAdapter, createMlflowAdapter, createFoundryAdapter];

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Whoever read our output has had enough of it, as `head` does.
process.stdout.on('error', () => process.exit(0));

function packageVersion(): string {
  // From dist/src/ as well as from src/, the package is found by its name, not by a count of folders.
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (name === 'franca' && typeof version === 'string') return version;
    } catch {
      // Not here.
    }
  }
  throw new Error('package.json is missing');
}

const product: Product = { factories, version: packageVersion() };
const documents = () => openApiDocuments(factories, product.version);

const cli = createCli(
  {
    serve: async (config) => runUntilSignal(await serve(config, product), config.shutdownSeconds),
    migrate: migrateDatabase,
    addUser: addNewUser,
    createToken: createNewToken,
    async openapi(name) {
      const document = (await documents()).get(name);
      if (document === undefined) throw new ConfigError(`there is no dialect ${name}`);
      return formatDocument(document);
    },
    writeOpenapi: async (folder) => writeDocuments(folder, await documents()),
  },
  product.version,
  print,
);

try {
  process.exitCode = await cli.run(process.argv.slice(2));
} catch (error) {
  // A mistake of the user's, or a world that is not as we need it: a line, not a stack.
  process.stderr.write(`franca: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
