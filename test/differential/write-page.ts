import { writeFileSync } from 'node:fs';
import { differencesPage, pagePath } from './page.js';

writeFileSync(new URL(`../../${pagePath}`, import.meta.url), differencesPage());
