import { describe, expect, it } from 'vitest';
import { fromRun, type ShownRun } from '../../../../adapters/foundry/translate/experiment.js';
import { experiment } from '../../../../adapters/foundry/wire/experiment.js';
import type { ArtifactPath } from '../../../../src/core/artifact-path.js';
import type { ProjectId } from '../../../../src/core/ids.js';
import type { MetricSummary } from '../../../../src/core/metrics.js';
import type { CodeRef } from '../../../../src/core/model.js';
import type { Tag } from '../../../../src/core/params.js';
import type { RunTable } from '../../../../src/services/tables/list.js';
import { aRun } from '../../../support/builders.js';
import { param, point } from '../site.js';

function shown({ tables = [], ...fields }: Partial<ShownRun> & { tables?: readonly RunTable[] } = {}) {
  const recorded: ShownRun = {
    run: aRun({ createdAt: 1_795_254_000_123_456, createdBy: { key: null, name: 'Ada' } }),
    tags: [],
    project: { id: '01890000-0000-7000-8000-00000000000a' as ProjectId },
    params: [],
    summaries: [],
    ...fields,
  };
  const wire = fromRun(recorded, tables);
  expect(experiment.strict().parse(wire)).toEqual(wire);
  return wire;
}

const tag = (key: string, value: string | null = null): Tag => ({ key, value });
const code = (branch: string | null): CodeRef => ({
  commit: null,
  head: null,
  branch,
  url: null,
  isDirty: null,
  diff: null,
});

describe('a run as an experiment', () => {
  it('has every list, empty if need be, and none of the fields that nobody wrote', () => {
    expect(shown()).toEqual({
      rid: 'ri.models.main.experiment.01890000-0000-7000-8000-000000000001',
      modelRid: 'ri.models.main.model.01890000-0000-7000-8000-00000000000a',
      createdTime: '2026-11-21T09:40:00.123Z',
      // Never another: users are known by it.
      createdBy: '42e12a07-2ef5-5dad-aa7a-3dd9fc226db6',
      source: { type: 'sdk' },
      status: 'RUNNING',
      branch: 'master',
      parameters: [],
      series: [],
      summaryMetrics: [],
      artifacts: {},
      tags: [],
    });
  });

  it('is of one user however its name is written', () => {
    const by = (name: string) => shown({ run: aRun({ createdBy: { key: null, name } }) }).createdBy;
    expect(by('ADA')).toBe(by('ada'));
    expect(by('adb')).not.toBe(by('ada'));
  });

  it('has params, tables, and metrics without what JSON has no number for', () => {
    const summary = (key: string, fields: Partial<MetricSummary>): MetricSummary => ({
      key,
      count: 4,
      finite: 3,
      min: -1.5,
      max: 2,
      last: point(key, 0.5),
      lastSeq: 4,
      updatedAt: 0,
      ...fields,
    });
    const wire = shown({
      params: [param('lr', '0.1'), param('name', 'x')],
      tables: [{ path: 'a/b.parquet' as ArtifactPath, size: 2 ** 40, rows: 7 }],
      summaries: [
        summary('loss', {}),
        summary('nan', { finite: 0, min: null, max: null, last: point('nan', Number.NaN) }),
        summary('inf', {
          min: Number.NEGATIVE_INFINITY,
          max: Number.POSITIVE_INFINITY,
          last: point('inf', Number.NEGATIVE_INFINITY),
        }),
      ],
    });
    expect(wire.parameters).toEqual([
      { name: 'lr', value: { type: 'double', value: 0.1 } },
      { name: 'name', value: { type: 'string', value: 'x' } },
    ]);
    expect(wire.artifacts).toEqual({
      'a/b.parquet': { name: 'a/b.parquet', sizeBytes: 2 ** 40, details: { type: 'table', rowCount: 7 } },
    });
    expect(wire.series).toEqual([
      { name: 'loss', length: 3, value: { type: 'double', last: 0.5, min: -1.5, max: 2 } },
      { name: 'nan', length: 0, value: { type: 'double' } },
      { name: 'inf', length: 3, value: { type: 'double' } },
    ]);
    expect(wire.summaryMetrics).toEqual([
      { seriesName: 'loss', aggregation: 'LAST', value: 0.5 },
      { seriesName: 'loss', aggregation: 'MIN', value: -1.5 },
      { seriesName: 'loss', aggregation: 'MAX', value: 2 },
    ]);
  });
});

const jobRid = 'ri.foundry.main.job.1';
const container = 'ri.foundry-container-service.main.container.1';

describe('fields that only this dialect has', () => {
  it.each([
    { name: 'a key with a value', tags: [tag('foundry.branch', 'dev')], branch: 'dev' },
    { name: 'a label', tags: [tag('foundry.branch=dev')], branch: 'dev' },
    { name: 'a value with =', tags: [tag('foundry.branch=a=b')], branch: 'a=b' },
    {
      name: 'a key before a label',
      tags: [tag('foundry.branch=b'), tag('foundry.branch', 'a')],
      branch: 'a',
    },
    { name: 'the first label', tags: [tag('foundry.branch=b'), tag('foundry.branch=a')], branch: 'b' },
    { name: 'no value', tags: [tag('foundry.branch', '')], branch: 'master' },
    { name: 'an empty label', tags: [tag('foundry.branch=')], branch: 'master' },
    {
      name: 'a label of the key alone',
      tags: [tag('foundry.branch')],
      branch: 'master',
      shown: ['foundry.branch'],
    },
    { name: 'the code’s', tags: [], codeRef: code('main'), branch: 'main' },
    { name: 'the code’s, not given', tags: [], codeRef: code(''), branch: 'master' },
    {
      name: 'a tag before the code’s',
      tags: [tag('foundry.branch', 'dev')],
      codeRef: code('main'),
      branch: 'dev',
    },
  ])('the branch is $name', ({ tags, codeRef = null, branch, shown: labels = [] }) => {
    const wire = shown({ tags, run: aRun({ codeRef }) });
    expect([wire.branch, wire.tags]).toEqual([branch, labels]);
  });

  it('are RIDs, or are left out', () => {
    const tags = [tag('foundry.jobRid', jobRid), tag(`foundry.linkedModelVersion=${jobRid}`)];
    expect(shown({ tags })).toMatchObject({ jobRid, linkedModelVersion: jobRid, tags: [] });
    for (const bad of ['5', 'ri.x', 'null', '']) {
      const wire = shown({ tags: [tag('foundry.jobRid', bad), tag('foundry.linkedModelVersion', bad)] });
      expect(Object.keys(wire)).not.toEqual(expect.arrayContaining(['jobRid']));
      expect(wire).not.toHaveProperty('linkedModelVersion');
    }
  });

  it.each([
    [{ type: 'codeWorkspace', containerRid: container }, true],
    [{ type: 'codeWorkspace', containerRid: container, deploymentRid: jobRid }, true],
    [{ type: 'authoring', stemmaRid: 'ri.stemma.main.repository.1' }, true],
    [{ type: 'sdk' }, true],
    [{ type: 'codeWorkspace', containerRid: 'x' }, false],
    [{ type: 'codeWorkspace', containerRid: container, deploymentRid: 'x' }, false],
    [{ type: 'codeWorkspace' }, false],
    [{ type: 'authoring', stemmaRid: 5 }, false],
    [{ type: 'other' }, false],
    [[], false],
  ])('the source %j is shown: %s', (given, is) => {
    const wire = shown({ tags: [tag('foundry.source', JSON.stringify(given))] });
    expect(wire.source).toEqual(is ? given : { type: 'sdk' });
    expect(shown({ tags: [tag('foundry.source', '{')] }).source).toEqual({ type: 'sdk' });
  });

  it('leave the other tags as they are in lists', () => {
    const tags = [
      tag('a'),
      tag('k', 'v'),
      tag('mlflow.user', 'x'),
      tag('foundry.other', 'y'),
      tag('foundry.jobRid', 'z'),
    ];
    expect(shown({ tags }).tags).toEqual(['a', 'k=v', 'foundry.other=y']);
  });
});
