import { expect } from 'vitest';
import type { RawAnswer } from '../../support/raw-http.js';
import { form, foundryRun, polyaxonRun, proxied } from '../doors.js';
import { type Face, refusal } from '../faces.js';
import { notFitting, type Row, type Tried } from '../matrix.js';
import type { AttackSite, Names } from '../site.js';

const script = '<script>fetch("/api/v1/experiment")</script>';

/** What browsers would show or run, by name and by content. */
const pages: readonly (readonly [name: string, type: string, content: string])[] = [
  ['evil.html', 'text/html', script],
  ['evil.HTM', 'text/html; charset=utf-7', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
  ['evil.svg', 'image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`],
  ['evil.xhtml', 'application/xhtml+xml', `<html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`],
  ['evil.xml', 'text/xml', '<?xml-stylesheet href="evil.xsl"?><a/>'],
  ['evil.js', 'text/javascript', 'alert(1)'],
  ['evil.mhtml', 'message/rfc822', `Content-Type: text/html\r\n\r\n${script}`],
  ['evil.pdf', 'application/pdf', '%PDF-1.7'],
  ['none', 'text/html', script],
];

/** Names that would break out of a header, with what stands in it instead. */
const oddNames: readonly (readonly [name: string, disposition: string])[] = [
  ['a";x=".html', `attachment; filename="a_;x=_.html"; filename*=UTF-8''a%22%3Bx%3D%22.html`],
  [
    'a"; filename="b.html',
    `attachment; filename="a_; filename=_b.html"; filename*=UTF-8''a%22%3B%20filename%3D%22b.html`,
  ],
  ["a'; b.svg", `attachment; filename="a'; b.svg"`],
  [
    'a%22b%0d%0aX: y.html',
    `attachment; filename="a_22b_0d_0aX: y.html"; filename*=UTF-8''a%2522b%250d%250aX%3A%20y.html`,
  ],
  ['ü.html', `attachment; filename="_.html"; filename*=UTF-8''%C3%BC.html`],
  ['😀.svg', `attachment; filename="_.svg"; filename*=UTF-8''%F0%9F%98%80.svg`],
  ['lmth\u202e.exe', 'attachment; filename="lmth_.exe"'],
];

/** Saved and never shown: whatever type it was sent with, and whatever its name says. */
function expectSaved({ http, headers }: RawAnswer): void {
  expect(http).toBe(200);
  expect(headers.get('content-type')).toBe('application/octet-stream');
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[\x20-\x7e]*"/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('set-cookie')).toBeNull();
}

/** Where a file of the run is had, on the faces that serve it. */
const downloads = {
  polyaxon: (name: string) => [`${polyaxonRun}/outputs/files?path=${name}`],
  mlflow: (name: string, names: Names) => [
    `/get-artifact?run_id=${names.run}&path=${name}`,
    ...ownRoots(names).map((root) => `${root}/${name}`),
  ],
} as const;

const ownRoots = (names: Names) => proxied(names).filter((root) => root.includes(names.run));

/** Uploads a page, by the proxy; does what is to be done, and removes it. */
async function withFile(
  site: AttackSite,
  [name, type, content]: readonly [name: string, type: string, content: string],
  work: (escaped: string) => Promise<void>,
): Promise<void> {
  const escaped = encodeURIComponent(name);
  const path = `${ownRoots(site.names)[0]}/${escaped}`;
  expect((await site.send({ method: 'PUT', path, body: content, type })).http).toBe(200);
  await work(escaped);
  expect((await site.send({ method: 'DELETE', path })).http).toBe(200);
}

/** Each page is saved, wherever this face serves it. */
const saved =
  (face: keyof typeof downloads): Tried =>
  async (site) => {
    for (const page of pages)
      await withFile(site, page, async (name) => {
        for (const path of downloads[face](name, site.names)) {
          const answer = await site.send({ method: 'GET', path, headers: { Accept: 'text/html' } });
          expectSaved(answer);
          expect(answer.text).toBe(page[2]);
        }
      });
  };

/** Each name stands in quotes. */
const quoted =
  (face: keyof typeof downloads): Tried =>
  async (site) => {
    for (const [name, disposition] of oddNames)
      await withFile(site, [name, 'text/html', script], async (escaped) => {
        for (const path of downloads[face](escaped, site.names)) {
          const answer = await site.send({ method: 'GET', path });
          expectSaved(answer);
          expect(answer.headers.get('content-disposition')).toBe(disposition);
        }
      });
  };

/** Uploads by a form, under the name and type that its part has. */
const byForm =
  (files: readonly (readonly [name: string, type: string, content: string])[]): Tried =>
  async (site) => {
    const path = `/api/v1/experiments/runs/${site.names.run}/log-artifact`;
    for (const [name, type, content] of files) {
      const stored = await site.send({ method: 'POST', path, ...form('file', name, content, type) });
      expect([name, stored.http, JSON.parse(stored.text)]).toMatchObject([name, 200, { path: name }]);
      const at = `${ownRoots(site.names)[0]}/${encodeURIComponent(name)}`;
      expectSaved(await site.send({ method: 'GET', path: at }));
      expect((await site.send({ method: 'DELETE', path: at })).http).toBe(200);
    }
  };

/** Tables are given as bytes to save; what is none is refused in JSON, whatever it is called. */
async function tables(site: AttackSite): Promise<void> {
  for (const what of ['json', 'parquet']) {
    const at = (name: string) => `${foundryRun(site.names)}/artifactTables/${name}/${what}?preview=true`;
    expectSaved(await site.send({ method: 'GET', path: at('t.parquet') }));
    for (const page of pages)
      await withFile(site, page, async (name) => {
        const expected = { status: 404, words: 'ExperimentArtifactNotFound' };
        await site.refused('foundry', { method: 'GET', path: at(name) }, expected);
      });
  }
}

const tag = '<script>alert(1)</script>';

/** An answer that repeats what it was asked is JSON, and no browser takes it for anything else. */
const repeated =
  (face: Face, ...asked: readonly (readonly [method: string, path: string, status: number])[]): Tried =>
  async (site) => {
    for (const [method, path, status] of asked)
      for (const Accept of ['text/html', '*/*']) {
        const request = { method, path: path.replace('#', encodeURIComponent(tag)), headers: { Accept } };
        const answer = await site.send(request);
        if (face === 'submarine' && Accept === 'text/html') expect(answer.http).toBe(406);
        else expect([path, answer.http]).toEqual([path, status]);
        // It has the headers and the form of an error.
        refusal(face, answer);
      }
  };

const framed =
  (...paths: readonly string[]): Tried =>
  async (site) => {
    for (const path of paths)
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const { headers } = await site.send({ method, path });
        expect([path, headers.get('x-frame-options'), headers.get('x-content-type-options')]).toEqual([
          path,
          'DENY',
          'nosniff',
        ]);
        expect(headers.get('cache-control')).toBe('no-store');
      }
  };

export const uploadedPages: Row = {
  title: 'uploads that browsers would run, names in headers, and frames',
  attacks: [
    {
      name: 'HTML, SVG and scripts that were uploaded',
      cells: {
        polyaxon: saved('polyaxon'),
        submarine: notFitting('serves no files'),
        mlflow: saved('mlflow'),
        seed: byForm(pages),
        foundry: tables,
        gateway: notFitting('serves no files'),
      },
    },
    {
      name: 'names that break out of Content-Disposition',
      cells: {
        polyaxon: quoted('polyaxon'),
        submarine: notFitting('serves no files'),
        mlflow: quoted('mlflow'),
        seed: byForm(
          oddNames.flatMap(([name]) =>
            // In a form a quote is the end of the name.
            name.includes('"') ? [] : [[name, 'text/html', script] as const],
          ),
        ),
        foundry: notFitting(
          'names of tables end in .parquet, or a tag has them: the same function writes the header',
        ),
        gateway: notFitting('serves no files'),
      },
    },
    {
      name: 'HTML that an answer repeats',
      cells: {
        polyaxon: repeated(
          'polyaxon',
          ['GET', '/api/v1/root/p/experiments?query=#', 400],
          ['GET', '/ws/v1/#', 404],
        ),
        submarine: repeated(
          'submarine',
          ['GET', '/api/v1/experiment?limit=#', 400],
          ['GET', '/api/v1/experiment/#', 404],
        ),
        mlflow: repeated(
          'mlflow',
          ['GET', '/api/2.0/mlflow/runs/get?run_id=#', 404],
          ['GET', '/api/2.0/#', 404],
        ),
        seed: repeated(
          'seed',
          ['GET', '/api/v1/experiments/runs/#', 404],
          ['GET', '/api/v1/experiments?limit=#', 400],
        ),
        foundry: repeated(
          'foundry',
          ['GET', '/api/v2/models/#?preview=true', 400],
          ['GET', '/api/v2/#', 404],
        ),
        gateway: repeated('gateway', ['GET', '/openapi/#', 404], ['GET', '/#', 404]),
      },
    },
    {
      name: 'frames of other pages',
      cells: {
        polyaxon: framed(
          '/api/v1/root/p',
          '/api/v1/root/none',
          `${polyaxonRun}/outputs`,
          '/api/v1/root/p/experiments',
        ),
        submarine: framed('/api/v1/experiment', '/api/v1/experiment/none', '/api/v1/experiment/ping'),
        mlflow: framed('/version', '/api/2.0/mlflow/experiments/get?experiment_id=0', '/ajax-api/2.0/none'),
        seed: framed('/api/v1/experiments', '/api/v1/experiments/none'),
        foundry: framed('/api/v2/models/x?preview=true', '/api/v2/none'),
        gateway: framed(
          '/',
          '/health',
          '/livez',
          '/readyz',
          '/openapi.json',
          '/openapi/mlflow.json',
          '/metrics',
          '/docs',
        ),
      },
    },
  ],
};
