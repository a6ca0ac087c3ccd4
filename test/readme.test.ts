import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSetting, flagOf, hiddenSettings, settingNames, variableOf } from '../src/config.js';

const root = new URL('../', import.meta.url);
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/dialects.md',
  'docs/kubernetes.md',
  'docs/mlflow-differences.md',
  'docs/reliability.md',
];

describe('the documents', () => {
  it('README has the table of settings as the schema has it', () => {
    const rows = settingNames
      .filter((name) => !hiddenSettings.has(name))
      .map((name) => {
        const { description, standard } = describeSetting(name);
        const value = standard === null ? '' : `\`${standard}\``;
        return `| \`${variableOf(name)}\` | \`${flagOf(name)}\` | ${value} | ${description} |`;
      });
    const table = ['| variable | flag | default | what it sets |', '|---|---|---|---|', ...rows].join('\n');
    const readme = readFileSync(new URL('README.md', root), 'utf8');
    const written = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(readme)?.[1];
    expect(written).toBe(table);
  });

  it.each(pages)('%s names only files that exist', (page) => {
    const text = readFileSync(new URL(page, root), 'utf8');
    const paths = [...text.matchAll(/`((?:src|adapters|test|docs|openapi|\.ci)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? '',
    );
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) =>
      new URL(match[1] ?? '', new URL(page, root)).pathname.slice(root.pathname.length),
    );
    expect([...paths, ...links].filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});
