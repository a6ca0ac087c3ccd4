import fc from 'fast-check';
import { expect } from 'vitest';
import * as arbitrary from '../arbitraries.js';
import { type Facts, noFacts, type Point, type Tag } from '../facts.js';
import { polyaxon as reader } from '../readers/polyaxon.js';
import { at, home, type Json, type Platform } from '../support.js';
import { dashed, leaveFiles, namesOf, type Writer } from './writer.js';

interface Described {
  readonly description?: string;
  readonly readme?: string;
  readonly tags?: readonly string[];
  readonly params?: Json;
  readonly backend?: string;
  readonly framework?: string;
  readonly run_env?: Json;
  readonly data_refs?: Json;
}

type Row = { readonly values: Json; readonly created_at: string };

let count = 0;

/** A name that no other run has, or none. */
function nextName(): string | null {
  count += 1;
  return count % 2 === 0 ? null : `Run-${count}`;
}

const labels = (tags: readonly string[]): Tag[] => tags.map((key) => ({ key, value: null }));

/** A list that takes another's place leaves those where they are that are in both. */
function relabelled(present: readonly string[], list: readonly string[] | undefined): Tag[] {
  if (list === undefined) return labels(present);
  const kept = present.filter((tag) => list.includes(tag));
  return labels([...kept, ...list.filter((tag) => !kept.includes(tag))]);
}

/** What of the facts a description of an experiment says. */
function factsOf(sent: Described): Partial<Facts> & Pick<Facts, 'polyaxon'> {
  const { readme, run_env, data_refs } = sent;
  return {
    description: sent.description ?? null,
    backend: sent.backend ?? null,
    params: Object.entries(sent.params ?? {}).map(([key, value]) => ({ key, value })),
    polyaxon: {
      ...(readme === undefined ? {} : { readme }),
      ...(run_env === undefined ? {} : { run_env }),
      ...(data_refs === undefined ? {} : { data_refs }),
    },
  };
}

/** The microseconds of a time in UTC that has six digits of them. */
export function microsOf(time: string): number {
  const [, rest = ''] = /\.\d{3}(\d{3})/.exec(time) ?? [];
  return Date.parse(time.replace(/(\.\d{3})\d{3}/, '$1')) * 1000 + Number(rest);
}

/** Values of rows; a text is one of the words for what JSON has no number for. */
function pointsOf(rows: readonly Row[]): Point[] {
  return rows.flatMap(({ values, created_at }, request) =>
    Object.entries(values).map(([key, value]) => {
      const us = microsOf(created_at);
      const ms = Math.floor(us / 1000);
      const number = value === null ? null : Number(value);
      return { key, value: number, step: null, ms: BigInt(ms), us: us - ms * 1000, request };
    }),
  );
}

async function created(platform: Platform, body: Json): Promise<{ names: Facts['names']; path: string }> {
  const answer = await platform.polyaxon('POST', home, body);
  expect(answer.http).toBe(201);
  const names = await namesOf(platform, dashed(String(at(answer.body, 'uuid'))));
  return { names, path: `${home}/${names.number}` };
}

const rows = fc.array(arbitrary.metricRow, { maxLength: 4 });

const file = fc.record({
  file: arbitrary.polyaxonfile,
  sent: arbitrary.described,
  ttl: arbitrary.maybe(fc.integer({ min: 0, max: 86_400 })),
  rows,
  files: arbitrary.files,
});

type FileWish = typeof file extends fc.Arbitrary<infer T> ? T : never;

/** A Polyaxonfile that Franca shall run. */
export const polyaxonFile: Writer<FileWish> = {
  name: 'Polyaxon, by a file',
  wishes: file,
  reader,
  async write(platform, { file, sent, ttl, rows, files }) {
    const { framework: _, ...beside } = sent as Described;
    const content = JSON.stringify(file, null, count % 3);
    const name = nextName();
    const fixed = { build_job: 'root.p.builds.3', experiment_group: 'root.p.2' };
    const createdAt = platform.tick();
    const { names, path } = await created(platform, { ...beside, ...fixed, content, ttl, name });
    // A full batch may be followed by one without a body.
    if (rows.length > 0) await platform.polyaxon('POST', `${path}/metrics`, rows);
    await leaveFiles(platform, names, files);
    const facts = factsOf(beside);
    return {
      ...noFacts,
      ...facts,
      names,
      name,
      createdAt,
      managed: true,
      history: [{ status: 'created', at: createdAt, message: null }],
      tags: labels(beside.tags ?? []),
      framework: (file.framework as string | undefined) ?? null,
      points: pointsOf(rows as Row[]),
      files,
      spec: { kind: 'polyaxonfile', file, content },
      polyaxon: { ...facts.polyaxon, ...fixed, ttl },
    };
  },
};

const report = fc.record({
  sent: arbitrary.described,
  change: arbitrary.described,
  code: arbitrary.codeRef,
  rows,
  lines: arbitrary.maybe(arbitrary.logLines),
  end: fc.constantFrom('succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped', 'warning', 'unknown'),
  message: arbitrary.maybe(arbitrary.text),
  files: arbitrary.files,
});

type ReportWish = typeof report extends fc.Arbitrary<infer T> ? T : never;

/** A run that reports by itself. */
export const polyaxonReport: Writer<ReportWish> = {
  name: 'Polyaxon, by reports',
  wishes: report,
  reader,
  async write(platform, wish) {
    const { sent, change, code, lines, end, message, files } = wish as typeof wish & {
      sent: Described;
      change: Described;
    };
    const name = nextName();
    const createdAt = platform.tick();
    const { names, path } = await created(platform, { ...sent, name, is_managed: false });
    const post = async (below: string, body: unknown) => {
      const at = platform.tick();
      expect((await platform.polyaxon('POST', `${path}/${below}`, body)).http).toBeLessThan(300);
      return at;
    };
    const placedAt = await post('statuses', { status: 'starting' });
    const startedAt = await post('statuses', { status: 'running' });
    await platform.polyaxon('PATCH', path, change);
    await post('coderef', code);
    for (const row of wish.rows) await post('metrics', row);
    if (lines !== null) await post('logs', JSON.stringify(lines));
    const traceback = 'Traceback (most recent call last): …';
    const endedAt = await post('statuses', { status: end, message, traceback });
    await leaveFiles(platform, names, files);
    const wanted = { ...sent, ...change };
    const { commit, head, branch, git_url: url, is_dirty: isDirty, git_diff: diff } = code;
    const known = { commit, head, branch, url, isDirty, diff };
    return {
      ...noFacts,
      ...factsOf(wanted),
      names,
      name,
      createdAt,
      startedAt,
      finishedAt: end === 'warning' || end === 'unknown' ? null : endedAt,
      history: [
        { status: 'created', at: createdAt, message: null },
        { status: 'starting', at: placedAt, message: null },
        { status: 'running', at: startedAt, message: null },
        { status: end, at: endedAt, message, traceback },
      ],
      tags: relabelled(sent.tags ?? [], change.tags),
      framework: wanted.framework ?? null,
      points: pointsOf(wish.rows as Row[]),
      code: Object.values(known).every((part) => part === null) ? null : known,
      files,
      logs: lines ?? [],
    };
  },
};
