// Keeps dialects out of what serves all of them: no line of the product outside a dialect's own folder
// names it, but for the list of dialects, the table of paths, and what bears such a name for a reason of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const exempt = new Set([
  'src/main.ts',
  'src/http/dialect-of.ts',
  // Names of tags, which are data.
  'src/core/tracking-tags.ts',
  // Submarine's own API has a path of another dialect's name.
  'adapters/submarine/routes/services.ts',
]);

const files = ['src', 'adapters'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name)),
);
const faults = readdirSync('adapters').flatMap((dialect) =>
  files
    .filter((file) => !exempt.has(file) && !file.startsWith(`adapters/${dialect}/`))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
        .filter(({ line }) => line.toLowerCase().includes(dialect))
        .map(({ line, place }) => `${place}: names ${dialect}: ${line.trim()}`),
    ),
);
process.stderr.write(faults.map((fault) => `${fault}\n`).join(''));
process.exitCode = faults.length === 0 ? 0 : 1;
