import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactPath, artifactPath, codeRoot, runRoot } from '../../src/core/artifact-path.js';
import type { RunId } from '../../src/core/ids.js';
import type { Run } from '../../src/core/model.js';
import { archiveArtifacts } from '../../src/services/artifacts/archive.js';
import { archiveCode, releaseLostCode, uploadCode } from '../../src/services/artifacts/code.js';
import { listArtifacts } from '../../src/services/artifacts/list.js';
import { readArtifact, statArtifact } from '../../src/services/artifacts/read.js';
import { removeArtifact } from '../../src/services/artifacts/remove.js';
import { writeArtifact } from '../../src/services/artifacts/write.js';
import type { Context } from '../../src/services/context.js';
import { purgeFiles, purgeRun } from '../../src/services/lifecycle/purge.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { getProject } from '../../src/services/projects/get.js';
import { cloneRun } from '../../src/services/runs/clone.js';
import { createRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { codeOf, treeOf } from '../conformance/artifacts/fixtures.js';
import { bufferOf, bytesOf, inPieces, tarOf } from '../conformance/artifacts/tar.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let run: Run;

beforeEach(async () => {
  bench = await createBench();
  run = (await createRun(bench.ctx, aRequest())).run;
});

afterEach(() => bench.close());

const path = artifactPath('model/weights');

/** The folders of roots that there are. */
function roots(): string[] {
  return readdirSync(join(bench.folder, 'artifacts')).filter((name) => name !== '.tmp');
}

/** What the reconciler does with a run that was deleted for good. */
async function purge(purged: Run): Promise<void> {
  await purgeFiles(bench.ports, purged);
  await purgeRun(bench.ports, purged.key);
}

describe('artifacts of a run', () => {
  it('are written, listed, read, packed and removed', async () => {
    const { ctx } = bench;
    const ref = { id: run.id };
    expect(await writeArtifact(ctx, ref, path, bytesOf('bytes'))).toMatchObject({ size: 5 });
    for await (const batch of await listArtifacts(ctx, ref, null)) {
      expect(batch).toEqual([{ kind: 'folder', path: 'model' }]);
    }
    expect(await statArtifact(ctx, ref, path)).toMatchObject({ kind: 'file', size: 5 });
    const content = await readArtifact(ctx, ref, path, { start: 1, end: 3 });
    expect((await bufferOf(content.bytes)).toString()).toBe('yte');
    expect((await bufferOf(await archiveArtifacts(ctx, ref, null))).subarray(0, 2)).toEqual(
      Buffer.from([0x1f, 0x8b]),
    );
    await removeArtifact(ctx, ref, path);
    expect(await codeOf(removeArtifact(ctx, ref, path))).toBe('not_found');
    expect(await codeOf(readArtifact(ctx, ref, path))).toBe('not_found');
    expect(await codeOf(statArtifact(ctx, ref, path))).toBe('not_found');
  });

  it('are known by their SHA-256: from their writing, or once somebody has read the whole', async () => {
    const { ctx, ports } = bench;
    const ref = { id: run.id };
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const read = async (at: ArtifactPath, range?: { start: number }) => {
      const content = await readArtifact(ctx, ref, at, range);
      await bufferOf(content.bytes);
      return content.sha256;
    };
    expect(await writeArtifact(ctx, ref, path, bytesOf('bytes'))).toMatchObject({ sha256: sha256('bytes') });
    expect([await read(path), await read(path, { start: 2 })]).toEqual([sha256('bytes'), sha256('bytes')]);

    // As a job writes them.
    const folder = join(bench.folder, 'artifacts', runRoot(run.artifactRoot));
    const own = artifactPath('own.txt');
    writeFileSync(join(folder, own), 'first');
    const given = await readArtifact(ctx, ref, own);
    await given.close();
    expect([await read(own, { start: 0 }), await read(own), await read(own)]).toEqual([
      null,
      null,
      sha256('first'),
    ]);
    writeFileSync(join(folder, own), 'first and second');
    expect([await read(own), await read(own)]).toEqual([null, sha256('first and second')]);

    const { digests } = ports.store.read;
    const root = runRoot(run.artifactRoot);
    await removeArtifact(ctx, ref, artifactPath('model'));
    expect([await digests.find(root, path), await digests.find(root, own)]).toMatchObject([null, {}]);
    await deleteRun(ctx, ref);
    await purge(run);
    expect(await digests.find(root, own)).toBeNull();
  });

  const verbs: readonly (readonly [
    string,
    'read' | 'write',
    (ctx: Context, id: RunId) => Promise<unknown>,
  ])[] = [
    ['list', 'read', (ctx, id) => listArtifacts(ctx, { id }, null)],
    ['stat', 'read', (ctx, id) => statArtifact(ctx, { id }, path)],
    ['read', 'read', (ctx, id) => readArtifact(ctx, { id }, path).then((content) => content.close())],
    ['archive', 'read', (ctx, id) => archiveArtifacts(ctx, { id }, null)],
    ['write', 'write', (ctx, id) => writeArtifact(ctx, { id }, path, bytesOf('by another'))],
    ['remove', 'write', (ctx, id) => removeArtifact(ctx, { id }, path)],
  ];
  it.each(verbs)('%s needs a role of its own', async (_, access, verb) => {
    await writeArtifact(bench.ctx, { id: run.id }, path, bytesOf('bytes'));
    expect(await codeOf(verb(await bench.as('stranger', null), run.id))).toBe('forbidden');
    const reader = await codeOf(verb(await bench.as('reader', 'reader'), run.id));
    expect(reader).toBe(access === 'read' ? 'none' : 'forbidden');
    expect(await treeOf(bench.artifacts, runRoot(run.id))).toEqual({ [path]: 'bytes' });
    expect(await codeOf(verb(await bench.as('writer', 'writer'), run.id))).toBe('none');
  });

  it.each(verbs)('%s of a deleted run is not found', async (_, __, verb) => {
    await deleteRun(bench.ctx, { id: run.id });
    expect(await codeOf(verb(bench.ctx, run.id))).toBe('not_found');
    expect(roots()).toEqual([]);
  });
});

describe('the end of a run’s artifacts', () => {
  it('comes with its deletion', async () => {
    await writeArtifact(bench.ctx, { id: run.id }, path, bytesOf('bytes'));
    await deleteRun(bench.ctx, { id: run.id });
    await purge(run);
    expect(roots()).toEqual([]);
  });

  it('waits for the last run that goes on in them', async () => {
    await writeArtifact(bench.ctx, { id: run.id }, path, bytesOf('bytes'));
    const { run: resumed } = await cloneRun(
      bench.ctx,
      { id: run.id },
      { kind: 'resume', name: null, tags: [] },
    );
    await writeArtifact(bench.ctx, { id: resumed.id }, artifactPath('more'), bytesOf('more'));
    await deleteRun(bench.ctx, { id: run.id });
    await purge(run);
    expect(await treeOf(bench.artifacts, runRoot(resumed.artifactRoot))).toEqual({
      [path]: 'bytes',
      more: 'more',
    });
    expect(
      (await readArtifact(bench.ctx, { id: resumed.id }, path).then((c) => bufferOf(c.bytes))).length,
    ).toBe(5);
    await deleteRun(bench.ctx, { id: resumed.id });
    await purge(resumed);
    expect(roots()).toEqual([]);
  });

  it('takes an upload with it that ends later', async () => {
    async function* slow() {
      yield Buffer.from('half');
      await deleteRun(bench.ctx, { id: run.id });
      await purge(run);
      yield Buffer.from('whole');
    }
    expect(await codeOf(writeArtifact(bench.ctx, { id: run.id }, path, slow()))).toBe('not_found');
    expect(roots()).toEqual([]);
    expect(existsSync(join(bench.folder, 'artifacts', run.id))).toBe(false);
  });
});

describe('code of a project', () => {
  const ref = { number: 0 };

  it('is uploaded, replaced and given back', async () => {
    const { ctx } = bench;
    expect((await getProject(ctx, ref)).hasCode).toBe(false);
    expect(await codeOf(archiveCode(ctx, ref))).toBe('not_found');
    await uploadCode(ctx, ref, inPieces(await tarOf([{ name: 'old.py', text: '1' }])));
    expect(await uploadCode(ctx, ref, inPieces(await tarOf([{ name: 'main.py', text: '2' }])))).toEqual({
      files: 1,
      bytes: 1,
    });
    expect((await getProject(ctx, ref)).hasCode).toBe(true);
    expect(roots()).toHaveLength(1);
    const given = await bufferOf(await archiveCode(ctx, ref));
    await bench.artifacts.unpack(codeRoot(run.id), inPieces(given), {
      maxEntries: 9,
      maxBytes: 10_000,
      maxRatio: 100,
    });
    expect(await treeOf(bench.artifacts, codeRoot(run.id))).toEqual({ 'main.py': '2' });
  });

  it('stays when a bad archive is sent, and needs a writer', async () => {
    const { ctx } = bench;
    await uploadCode(ctx, ref, inPieces(await tarOf([{ name: 'main.py', text: '1' }])));
    const climbing = await tarOf([{ name: '../../main.py', text: 'evil' }]);
    expect(await codeOf(uploadCode(ctx, ref, inPieces(climbing)))).toBe('invalid');
    const harmless = inPieces(await tarOf([{ name: 'other.py', text: '2' }]));
    expect(await codeOf(uploadCode(await bench.as('reader', 'reader'), ref, harmless))).toBe('forbidden');
    expect(await codeOf(archiveCode(await bench.as('stranger', null), ref))).toBe('forbidden');
    expect(await codeOf(uploadCode(ctx, { number: 7 }, bytesOf('')))).toBe('not_found');
    const [root = ''] = roots();
    expect(readdirSync(join(bench.folder, 'artifacts', root))).toEqual(['main.py']);
  });

  const codeText = async (of: Run) => (of.codeRoot === null ? null : treeOf(bench.artifacts, of.codeRoot));
  const upload = async (text: string, to: { number: number } = ref) =>
    uploadCode(bench.ctx, to, inPieces(await tarOf([{ name: 'main.py', text }])));
  const started = async (projectNumber = 0) =>
    (await createRun(bench.ctx, aRequest({ projectNumber, useProjectCode: true }))).run;

  it('stays with the runs that were created with it, and goes with the last of them', async () => {
    expect((await started()).codeRoot).toBeNull();
    await upload('1');
    const first = await started();
    await upload('2');
    const second = await started();
    const without = (await createRun(bench.ctx, aRequest())).run;
    const again = { name: null, tags: [], kind: 'restart' } as const;
    const { run: kept } = await cloneRun(bench.ctx, { id: first.id }, again);
    const { run: renewed } = await cloneRun(bench.ctx, { id: first.id }, { ...again, updateCode: true });
    expect(await Promise.all([first, second, without, kept, renewed].map(codeText))).toEqual([
      { 'main.py': '1' },
      { 'main.py': '2' },
      null,
      { 'main.py': '1' },
      { 'main.py': '2' },
    ]);
    await deleteRun(bench.ctx, { id: first.id });
    await purge(first);
    expect(await codeText(kept)).toEqual({ 'main.py': '1' });
    for (const gone of [kept, second, renewed]) {
      await deleteRun(bench.ctx, { id: gone.id });
      await purge(gone);
    }
    expect(roots()).toEqual([second.codeRoot]);
    expect((await getProject(bench.ctx, ref)).hasCode).toBe(true);
  });

  it('goes with its project', async () => {
    const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    const { number } = (await createProject(bench.ctx, fields)).project;
    await upload('1', { number });
    await started(number);
    await deleteProject(bench.ctx, { number });
    expect(roots()).toEqual([]);
  });

  it('is not left behind by an upload that ends after its project', async () => {
    const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    const { number } = (await createProject(bench.ctx, fields)).project;
    const archive = await tarOf([{ name: 'main.py', text: '1' }]);
    async function* slow() {
      yield* inPieces(archive);
      await deleteProject(bench.ctx, { number });
    }
    expect(await codeOf(uploadCode(bench.ctx, { number }, slow()))).toBe('not_found');
    expect(roots()).toEqual([]);
  });

  it('that a killed server left is found at the start, and nothing else is taken for it', async () => {
    await upload('1');
    const first = await started();
    await upload('2');
    await writeArtifact(bench.ctx, { id: run.id }, path, bytesOf('bytes'));
    const before = roots();
    await bench.artifacts.write(codeRoot('lost'), path, bytesOf('code'));
    await releaseLostCode(bench.ports);
    expect(roots()).toEqual(before);
    expect(await codeText(first)).toEqual({ 'main.py': '1' });
  });
});
