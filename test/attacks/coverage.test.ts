import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faces } from './faces.js';
import type { Row } from './matrix.js';
import { bodies } from './rows/bodies.js';
import { browsers } from './rows/browsers.js';
import { emptying } from './rows/emptying.js';
import { floods } from './rows/floods.js';
import { insides } from './rows/insides.js';
import { locations } from './rows/locations.js';
import { uploadedPages } from './rows/pages.js';
import { paths } from './rows/paths.js';
import { queries } from './rows/queries.js';
import { slowWire } from './rows/slow-wire.js';
import { tokens } from './rows/tokens.js';
import { wire } from './rows/wire.js';

/** What servers of this kind fell to, attack by attack; each must be a test. */
const table: readonly (readonly [row: readonly Row[], attacks: readonly string[]])[] = [
  [
    [paths],
    [
      '..',
      'an address that climbs',
      '%2e%2e',
      'encoded twice',
      'a backslash',
      '#',
      '?',
      'an absolute path',
      'NUL',
    ],
  ],
  [
    [locations],
    [
      'a folder of the server',
      'a location with # or ?',
      'the source of a version of a model',
      'links, a loop and a pipe among the files',
    ],
  ],
  [[emptying], ['the whole by its dot, or by no name at all']],
  [
    [browsers],
    [
      'a foreign Host',
      'a Host that looks like one of ours',
      'no Host',
      'a foreign Origin',
      'the Origin null',
      'a form',
      'a form with files',
      'JSON as plain text',
    ],
  ],
  [
    [uploadedPages],
    [
      'HTML, SVG and scripts that were uploaded',
      'names that break out of Content-Disposition',
      'HTML that an answer repeats',
      'frames of other pages',
    ],
  ],
  [
    [queries],
    ['forged tokens', 'SQL', 'quotes that nothing closes', '5,000 ANDs', 'max_results out of range'],
  ],
  [
    [bodies, floods],
    [
      'deep JSON',
      '24 kinds of numbers out of range',
      'names of 300 characters',
      '64 MiB of JSON',
      'a login of 100 KiB',
      'a gzip that says so',
      'a gzip that is kept as it is',
      'a YAML bomb',
      'a tar that climbs or links',
      'a tar.gz that swells',
      'floods, while memory is watched and others are served',
    ],
  ],
  [
    [wire, slowWire],
    [
      'Content-Length beside Transfer-Encoding',
      'lengths in doubt',
      'half-sent heads and bodies',
      'readers that do not read',
    ],
  ],
  [[insides], ['a database that fails', 'files that are away', 'odd texts at every route']],
  [
    [tokens],
    [
      'none',
      'wrong ones',
      'after the end of its run',
      'of another run',
      'a method that pretends to be another',
    ],
  ],
];

const rows = table.flatMap(([parts]) => parts);
const cells = rows.flatMap(({ title, attacks }) =>
  attacks.flatMap(({ name, cells: of }) =>
    faces.map((face) => ({ at: `${title}: ${name}: ${face}`, cell: of[face] })),
  ),
);

describe('the table of attacks', () => {
  it.each(table)('%#: each attack of the row is there', (parts, attacks) => {
    const names = parts
      .flatMap((row) => row.attacks.map(({ name }) => name))
      .filter((name) => name !== 'none at all');
    expect(names.toSorted()).toEqual(attacks.toSorted());
    expect(new Set(parts.map(({ title }) => title)).size).toBe(1);
  });

  it('has for each face a test, or the reason why there is none', () => {
    for (const { at, cell } of cells) {
      const reason = typeof cell === 'object' ? cell.notFitting : null;
      expect([at, typeof cell === 'function' || /\w \w/.test(reason ?? '')]).toEqual([at, true]);
    }
    for (const { name, cells: of } of rows.flatMap(({ attacks }) => attacks))
      expect([name, faces.some((face) => typeof of[face] === 'function')]).toEqual([name, true]);
    // Reasons are the exception.
    const tested = cells.filter(({ cell }) => typeof cell === 'function').length;
    expect(tested / cells.length).toBeGreaterThan(0.7);
  });

  it('is tested whole: each row once', () => {
    const root = new URL('..', import.meta.url).pathname;
    const files = ['attacks/attacks', 'attacks/insides', 'attacks/tokens', 'faults/attacks'];
    const tested = files
      .flatMap((path) => [
        ...readFileSync(join(root, `${path}.test.ts`), 'utf8').matchAll(/testRows\(([\w, ]+)\)/g),
      ])
      .flatMap(([, names = '']) => names.split(', '));
    const named = Object.keys({
      bodies,
      browsers,
      emptying,
      floods,
      insides,
      locations,
      paths,
      queries,
      slowWire,
      tokens,
      uploadedPages,
      wire,
    });
    expect(tested.toSorted()).toEqual(named);
    expect(named).toHaveLength(rows.length);
  });
});
