import { parquetReadObjects } from 'hyparquet';
import {
  byKey,
  type Facts,
  isoMillis,
  lastOf,
  long,
  millis,
  type Names,
  type Point,
  sortedBy,
  statusOf,
  type Tag,
  tagList,
  textOf,
  valued,
} from '../facts.js';
import { type Apis, at, type Json, objectOf, recordsOf } from '../support.js';
import type { Reader } from './reader.js';

const statuses: Readonly<Record<string, string>> = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  upstream_failed: 'FAILED',
  stopped: 'FAILED',
  skipped: 'FAILED',
};

/** Statuses whose message is shown; what the word FAILED does not say is told even without one. */
const told: readonly string[] = [
  'unschedulable',
  'building',
  'starting',
  'warning',
  'unknown',
  'failed',
  'upstream_failed',
  'stopped',
  'skipped',
];

function messageOf(facts: Facts): string | null {
  const { status, message } = statusOf(facts);
  if (!told.includes(status)) return null;
  return message || (status === 'failed' ? null : status);
}

/** The user of the tests: version 5 of the name `root` in Franca's namespace, as Python's `uuid.uuid5` makes it. */
const rootUser = '6516a700-46fe-59dd-81bd-ebd69d94b2c5';

const fields = ['branch', 'jobRid', 'linkedModelVersion', 'source'] as const;

/** What only Foundry has, by tags: a key with a value goes before a label. */
function fieldOf(tags: readonly Tag[], field: (typeof fields)[number]): string | null {
  const prefix = `foundry.${field}=`;
  const keyed = tags.find(({ key, value }) => key === `foundry.${field}` && value)?.value;
  const label = tags.find(({ key, value }) => value === null && key.startsWith(prefix) && key !== prefix);
  return keyed ?? label?.key.slice(prefix.length) ?? null;
}

function branchOf({ tags, code, spec }: Facts): unknown {
  const sent = spec?.kind === 'submarine' ? objectOf(spec.sent.code ?? {}) : {};
  const ofSpec = sent.syncMode === 'git' ? objectOf(sent.git ?? {}).branch : null;
  return fieldOf(tags, 'branch') || (code === null ? ofSpec : code.branch) || 'master';
}

/** What a text stands for, whoever wrote it: a number, a truth, a time in UTC, else itself. */
function typedValue(text: string): Json {
  if (text.length <= 64 && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(text)) {
    const whole = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : null;
    if (whole !== null && BigInt.asIntN(64, whole) === whole) return { type: 'integer', value: long(whole) };
    if (Number.isFinite(Number(text))) return { type: 'double', value: Number(text) + 0 };
  }
  if (/^[tT]rue$/.test(text)) return { type: 'boolean', value: true };
  if (/^[fF]alse$/.test(text)) return { type: 'boolean', value: false };
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?(Z|\+00:00)$/.test(text))
    return { type: 'datetime', value: text };
  return { type: 'string', value: text };
}

/** By time; of one time those without a step first, then by step. */
function inTime(points: readonly Point[]): Point[] {
  return sortedBy(valued(points), ({ ms, us, step }) => [ms, us, step === null ? 0 : 1, step ?? 0n]);
}

/** A point without a step has its place among all of its metric. */
function pointOf({ value, ms, step }: Point, ordinal: number) {
  return { value: (value ?? 0) + 0, timestamp: ms, step: step ?? BigInt(ordinal) };
}

/** The last, least and greatest value, where they are finite. */
function aggregations(points: readonly Point[]): [name: string, value: number][] {
  const numbers = points.flatMap(({ value }) => (value === null || Number.isNaN(value) ? [] : [value]));
  const all: [string, number][] = [
    ['LAST', lastOf(points)?.value ?? Number.NaN],
    ['MIN', Math.min(...numbers)],
    ['MAX', Math.max(...numbers)],
  ];
  return all.filter(([, value]) => Number.isFinite(value)).map(([name, value]) => [name, value + 0]);
}

const shown = (tags: readonly Tag[]) =>
  tagList(tags).filter((text) => !fields.some((field) => text.startsWith(`foundry.${field}=`)));

const inNameOrder = <T extends Json>(items: readonly T[]): T[] => {
  const nameOf = ({ name, seriesName, aggregation }: Json) => `${name ?? seriesName} ${aggregation}`;
  return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
};

async function seriesOf(apis: Apis, path: string, name: string): Promise<object> {
  const series = `${path}/series/${encodeURIComponent(name)}`;
  const { body } = await apis.foundry('GET', `${series}/json?preview=true&pageSize=1000`);
  const file = await (await apis.raw('GET', `${series}/parquet?preview=true`)).arrayBuffer();
  return {
    json: recordsOf(at(body, 'series')).map(({ value, timestamp, step }) => ({
      value,
      timestamp: BigInt(timestamp as number | bigint),
      step: BigInt(step as number | bigint),
    })),
    parquet: await parquetReadObjects({ file }),
  };
}

/** A project is a model. */
const modelRidOf = ({ project }: Names) => `ri.models.main.model.${project}`;
const experimentRidOf = ({ uuid }: Names) => `ri.models.main.experiment.${uuid}`;

/** Foundry: the experiment, and each series as JSON and as Parquet. */
export const foundry: Reader = {
  name: 'Foundry',

  async read(apis, names) {
    const path = `/api/v2/models/${modelRidOf(names)}/experiments/${experimentRidOf(names)}`;
    const experiment = objectOf((await apis.foundry('GET', `${path}?preview=true`)).body);
    const series = recordsOf(experiment.series);
    const read = series.map(
      async ({ name }) => [String(name), await seriesOf(apis, path, String(name))] as const,
    );
    return {
      experiment: {
        ...experiment,
        parameters: inNameOrder(recordsOf(experiment.parameters)),
        series: inNameOrder(series),
        summaryMetrics: inNameOrder(recordsOf(experiment.summaryMetrics)),
      },
      series: Object.fromEntries(await Promise.all(read)),
    };
  },

  expected(facts) {
    const { names, tags } = facts;
    const ofKeys = byKey(valued(facts.points));
    const message = messageOf(facts);
    return {
      experiment: {
        rid: experimentRidOf(names),
        modelRid: modelRidOf(names),
        createdTime: `${isoMillis(BigInt(millis(facts.createdAt)))}Z`,
        createdBy: rootUser,
        source: JSON.parse(fieldOf(tags, 'source') ?? '{"type":"sdk"}'),
        status: statuses[statusOf(facts).status] ?? 'RUNNING',
        ...(message === null ? {} : { statusMessage: message }),
        branch: branchOf(facts),
        parameters: inNameOrder(
          facts.params.map(({ key, value }) => ({ name: key, value: typedValue(textOf(value)) })),
        ),
        series: inNameOrder(
          ofKeys.map(([name, points]) => ({
            name,
            length: points.filter(({ value }) => Number.isFinite(value)).length,
            value: {
              type: 'double',
              ...Object.fromEntries(
                aggregations(points).map(([aggregation, value]) => [aggregation.toLowerCase(), value]),
              ),
            },
          })),
        ),
        summaryMetrics: inNameOrder(
          ofKeys.flatMap(([seriesName, points]) =>
            aggregations(points).map(([aggregation, value]) => ({ seriesName, aggregation, value })),
          ),
        ),
        artifacts: {},
        tags: shown(tags),
        ...ridsOf(tags),
      },
      series: Object.fromEntries(
        ofKeys.map(([key, points]) => {
          const all = inTime(points).map(pointOf);
          return [key, { json: all.filter(({ value }) => Number.isFinite(value)), parquet: all }];
        }),
      ),
    };
  },
};

/** Identifiers that tags give; a text that is none would fail the answer of Foundry's clients, and is left out. */
function ridsOf(tags: readonly Tag[]): Json {
  const rids = ['linkedModelVersion', 'jobRid'] as const;
  return Object.fromEntries(
    rids.flatMap((field) => {
      const text = fieldOf(tags, field);
      return text?.startsWith('ri.') === true ? [[field, text]] : [];
    }),
  );
}
