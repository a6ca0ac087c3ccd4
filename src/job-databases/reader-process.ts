import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import {
  type ColumnKind,
  type Columns,
  type ReadRequest,
  type RowOf,
  type TableRows,
  UnreadableDatabase,
} from '../core/ports/job-databases.js';
import { exitCodes, type ReaderRequest, type RowsLine } from './protocol.js';

/** What a reader may do before it is given up. */
export interface ReaderLimits {
  /** How long it may say nothing. */
  readonly silenceMillis: number;
  readonly rowLimit: number;
}

type Reader = ChildProcessByStdio<null, Readable, Readable>;

/** Little of V8's own memory, and no helper threads: a reader does little. */
const nodeFlags = ['--max-semi-space-size=1', '--v8-pool-size=0', '--max-old-space-size=128'];

/** Characters of an error that are of use. */
const errorLength = 500;

/**
 * The rows that a reader finds. It is ended when they are read, when nobody wants more of them, and when it takes
 * too long or finds too many.
 */
export async function* readRows(
  program: string,
  request: ReadRequest & Pick<ReaderRequest, 'file' | 'mayRecover'>,
  limits: ReaderLimits,
): AsyncGenerator<TableRows> {
  const reader = start(program, request);
  const exited = once(reader, 'close');
  exited.catch(() => undefined);
  const error = collect(reader.stderr);
  try {
    let isWhole = false;
    let count = 0;
    const places = new Map(request.tables.map(({ name, after }) => [name, after]));
    for await (const text of linesOf(reader, limits.silenceMillis)) {
      const line: RowsLine | 'end' = JSON.parse(text);
      if (line === 'end') {
        isWhole = true;
        break;
      }
      count += line.rows.length;
      if (count > limits.rowLimit) throw new UnreadableDatabase('it has too many rows');
      yield parse(line, request, places);
    }
    if (isWhole) return;
    const [code, signal] = await exited;
    if (code === exitCodes.busy && !request.ended) return;
    const reason = (await error) || `its reader ended with ${signal ?? code}`;
    throw new UnreadableDatabase(reason);
  } finally {
    reader.kill('SIGKILL');
  }
}

function start(
  program: string,
  { file, mayRecover, tables, timeZone }: Parameters<typeof readRows>[1],
): Reader {
  const request: ReaderRequest = { file, mayRecover, tables };
  return spawn(process.execPath, [...nodeFlags, program, JSON.stringify(request)], {
    cwd: '/',
    env: { ...(timeZone === null ? {} : { TZ: timeZone }), UV_THREADPOOL_SIZE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The rows of a line. Ids that do not grow are no order to go on by: such a table is damaged. */
function parse({ table, rows }: RowsLine, request: ReadRequest, places: Map<string, number>): TableRows {
  const columns = request.tables.find(({ name }) => name === table)?.columns ?? {};
  const kinds = Object.entries(columns);
  return {
    table,
    rows: rows.map(({ id, values }) => {
      if (id <= (places.get(table) ?? 0))
        throw new UnreadableDatabase(`the rows of ${table} are in no order`);
      places.set(table, id);
      const parsed = kinds.map(([name, kind], place) => [name, parsedValue(kind, values[place] ?? null)]);
      return { id, values: Object.fromEntries(parsed) as RowOf<Columns> };
    }),
  };
}

function parsedValue(kind: ColumnKind, text: string | null): string | number | bigint | null {
  if (text === null || kind === 'text') return text;
  return kind === 'real' ? Number(text) : BigInt(text);
}

/** The lines of what it prints; no more of it is read than is asked for. */
async function* linesOf(reader: Reader, silenceMillis: number): AsyncGenerator<string> {
  const chunks = reader.stdout[Symbol.asyncIterator]();
  let pieces: Buffer[] = [];
  for (;;) {
    // Its silence is measured while it is waited for, not while its lines are worked on.
    const silence = setTimeout(() => reader.kill('SIGKILL'), silenceMillis);
    const chunk = await chunks.next().finally(() => clearTimeout(silence));
    if (chunk.done === true) return;
    let rest: Buffer = chunk.value;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...pieces, rest.subarray(0, end)]).toString();
      pieces = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) pieces.push(rest);
  }
}

async function collect(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) if (text.length < errorLength) text += String(chunk);
  return text.slice(0, errorLength);
}
