import { type Difference, differences, type LanguageDifference, languageDifferences } from './differences.js';

/** Where the page of differences lies, from the root of the checkout. */
export const pagePath = 'docs/mlflow-differences.md';

/** The page of differences: all of it is written here. */
export function differencesPage(): string {
  return `${[intro, tableOfAnswers(differences), language, tableOfTexts(languageDifferences)].join('\n\n')}\n`;
}

const intro = `# What Franca does otherwise than MLflow 3.17.2

\`npm run test:differential\` sends the same requests to a real MLflow 3.17.2 and to Franca, below \`/api/2.0\` and below
\`/ajax-api/2.0\`, and compares statuses, error codes and bodies. Ids, times of now, random names and the order of what is
a set are not compared; an absent list and an empty one are alike; of errors the code is compared, and that the message
names the field. What differs stands here with its reason, and nothing else differs.

This page is written by \`npm run differential:page\` from \`test/differential/differences.ts\`; the requests are in
\`test/differential/scenarios/\`.

## Answers`;

const language = `## Filters and orders

Beside the list above, a few hundred generated filters and orders find the same runs in the same order on both. Of these
texts the two think otherwise:`;

function tableOfAnswers(rows: readonly Difference[]): string {
  const lines = rows.map(({ in: steps, at, real, franca, reason }) =>
    row(stepsOf(steps), code(at), shown(real), shown(franca), reason),
  );
  return table(['requests', 'what', 'MLflow', 'Franca', 'why'], lines);
}

function tableOfTexts(rows: readonly LanguageDifference[]): string {
  const lines = rows.map(({ text, of, franca, reason }) => row(of, code(visible(text)), franca, reason));
  return table(['what', 'text', 'Franca', 'why'], lines);
}

function table(heads: readonly string[], lines: readonly string[]): string {
  return [row(...heads), row(...heads.map(() => '---')), ...lines].join('\n');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The steps by their scenarios, each of which is named once. */
function stepsOf(names: readonly string[]): string {
  const byScenario = new Map<string, string[]>();
  for (const name of names) {
    const [scenario = '', step = ''] = name.split(/: (.*)/s);
    byScenario.set(scenario, [...(byScenario.get(scenario) ?? []), step]);
  }
  const parts = [...byScenario].map(([scenario, steps]) => `${scenario}: ${steps.join(', ')}`);
  return names.includes('*') ? 'all' : parts.join('; ').replaceAll('*', '…');
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return value === '*' ? 'another' : code(visible(typeof value === 'string' ? value : JSON.stringify(value)));
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Short, in one line, and with nothing that cannot be printed. */
function visible(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return escaped.length > 60 ? `${escaped.slice(0, 60)}…` : escaped;
}
