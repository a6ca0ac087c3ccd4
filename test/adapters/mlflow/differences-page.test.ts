import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { differencesPage, pagePath } from '../../differential/page.js';

it('the page of differences is as the table has them', () => {
  const written = readFileSync(new URL(`../../../${pagePath}`, import.meta.url), 'utf8');
  expect(written, 'npm run differential:page writes it').toBe(differencesPage());
});
