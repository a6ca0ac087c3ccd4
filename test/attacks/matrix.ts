import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Face, faces } from './faces.js';
import { type AttackSite, createAttackSite } from './site.js';

/** Why an attack is none on a face. */
export interface NotFitting {
  readonly notFitting: string;
}

/** Does the attack, and checks each answer. */
export type Tried = (site: AttackSite) => Promise<void>;

/** One attack, on each face. */
export interface Attack {
  readonly name: string;
  readonly cells: Readonly<Record<Face, Tried | NotFitting>>;
}

/** A row of the table of attacks that servers of this kind fell to. */
export interface Row {
  readonly title: string;
  /** Settings of the server that is attacked. */
  readonly env?: Readonly<Record<string, string>>;
  /** Makes what else the attacks need; what it gives takes that away. */
  readonly prepare?: (site: AttackSite) => Promise<() => Promise<void>>;
  /** True where the attack is that the server's own parts fail: then its log may tell of it. */
  readonly breaks?: boolean;
  readonly attacks: readonly Attack[];
}

export function notFitting(reason: string): NotFitting {
  return { notFitting: reason };
}

/** The cells of the faces that are named, and the same for each other. */
export function others(
  named: Partial<Record<Face, Tried | NotFitting>>,
  rest: (face: Face) => Tried | NotFitting,
): Attack['cells'] {
  return Object.fromEntries(faces.map((face) => [face, named[face] ?? rest(face)])) as Attack['cells'];
}

/** The same on each face but the gateway's, and why it fits none there. */
export function everyDialect(
  gateway: NotFitting,
  tried: (face: Exclude<Face, 'gateway'>) => Tried | NotFitting,
): Attack['cells'] {
  return others({}, (face) => (face === 'gateway' ? gateway : tried(face)));
}

/** Tests the attacks of rows, on one server, which the first of them sets up: each is refused and changes nothing. */
export function testRows(first: Row, ...more: readonly Row[]): void {
  let site: AttackSite;
  let clear: (() => Promise<void>) | undefined;
  let seen = '';

  beforeAll(async () => {
    site = await createAttackSite(first.env);
    clear = await first.prepare?.(site);
    seen = site.snapshot();
  }, 300_000);

  afterAll(async () => {
    await clear?.();
    await site.stop();
  });

  for (const { title, attacks, breaks = false } of [first, ...more])
    describe(title, () => {
      for (const { name, cells } of attacks)
        for (const face of faces) {
          const cell = cells[face];
          if (typeof cell !== 'function') continue;
          it(`${name}: ${face}`, async () => {
            const before = seen;
            try {
              await cell(site);
            } finally {
              seen = site.snapshot();
            }
            expect(seen).toBe(before);
          });
        }

      it('leaves the server well', async () => {
        expect((await site.send({ method: 'GET', path: '/readyz' })).http).toBe(200);
        if (!breaks) expect(site.server.output()).not.toContain('a request failed');
      });
    });
}
