import { once } from 'node:events';
import type { Readable } from 'node:stream';
import busboy, { type Busboy, type FieldInfo } from 'busboy';
import { CoreError, invalid } from '../core/errors.js';
import { checkEncoding } from './body.js';
import { type BodyPieces, bodyPieces } from './body-pieces.js';
import { checkValue } from './check-value.js';

/** How much of an upload is taken, and how it has to come. Times in milliseconds. */
export interface UploadRules {
  /** The name of the part that is the file. */
  readonly file: string;
  /** Of the whole body. */
  readonly maxBytes: number;
  /** Of one part that is no file. */
  readonly maxFieldBytes: number;
  /** How long the client may send nothing. */
  readonly stallMs: number;
}

/** An upload whose file has begun. */
export interface Upload<F> {
  /** The last part of the name that the client gives the file; null for none. As sent: to be checked. */
  readonly fileName: string | null;
  /**
   * The file's bytes, to be read once. It ends only when the whole body has come and is right: what was
   * read before it throws is not to be kept. It throws CoreErrors.
   */
  readonly file: AsyncIterable<Uint8Array>;
  /** The other parts, before and behind the file, checked. To be asked for when the file has ended. */
  fields(): F;
  /** Lets go of what was not read. Resolves when an answer will reach the client, or never. */
  dismiss(): Promise<void>;
}

/** Many times the parts of any form. */
const maxParts = 32;

/** RFC 2046 section 5.1.1. */
const longestBoundary = 70;

function malformed(cause: unknown): CoreError {
  if (cause instanceof CoreError) return cause;
  return new CoreError({ code: 'malformed' }, 'the body is not whole multipart/form-data', { cause });
}

function tooLarge(message: string): CoreError {
  return new CoreError({ code: 'too_large' }, message);
}

function createParser(request: Request, { maxFieldBytes }: UploadRules): Busboy {
  checkEncoding(request);
  const contentType = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(contentType.trim())) {
    throw new CoreError({ code: 'unsupported_media_type' }, 'the Content-Type must be multipart/form-data');
  }
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType);
  if ((boundary?.[1] ?? boundary?.[2] ?? '').length > longestBoundary) {
    throw malformed(new Error('the boundary is too long'));
  }
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      // One more than may come, so that a field of just that size is told from a longer one.
      limits: { files: 1, fieldSize: maxFieldBytes + 1, parts: maxParts },
    });
  } catch (error) {
    throw malformed(error);
  }
}

/** The parts that are no files, by name. */
class Fields {
  readonly #values = new Map<string, string>();

  constructor(private readonly rules: UploadRules) {}

  add(name: string | undefined, value: string, info: FieldInfo): void {
    if (name === undefined) throw malformed(new Error('a part has no name'));
    const shown = name.slice(0, 200);
    if (name === this.rules.file) throw invalid(shown, 'must be a file');
    if (info.valueTruncated) throw tooLarge(`${shown} is larger than ${this.rules.maxFieldBytes} bytes`);
    if (this.#values.has(name)) throw invalid(shown, 'the field comes twice');
    // The parser puts it where bytes are no text.
    if (`${name}${value}`.includes('\ufffd')) throw invalid(shown, 'is not UTF-8 text');
    this.#values.set(name, value);
  }

  checked(): Readonly<Record<string, string>> {
    const values = Object.fromEntries(this.#values);
    checkValue(values, true);
    return values;
  }
}

/** One body on its way through the parser. */
class Reading<F> {
  readonly #stop = new AbortController();
  readonly #fields: Fields;
  readonly #pieces: BodyPieces;
  #result: { readonly fields: F } | undefined;
  /** Resolves when the file begins; rejects with what is wrong before it. */
  readonly begun: Promise<Pick<Upload<F>, 'fileName'> & { readonly file: Readable }>;
  /** Resolves when all has come and is right; rejects with what is wrong. */
  readonly ended: Promise<void>;
  readonly #pumped: Promise<void>;

  constructor(
    request: Request,
    private readonly parser: Busboy,
    private readonly rules: UploadRules,
    private readonly check: (fields: Readonly<Record<string, string>>) => F,
  ) {
    this.#fields = new Fields(rules);
    this.#pieces = bodyPieces(request, rules);
    this.begun = new Promise((resolve, reject) => {
      this.#onAbort(reject);
      this.#listen(resolve);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#onAbort(reject);
      parser.once('close', () => this.#guard(() => this.#finish(resolve)));
    });
    // Each is awaited by whoever asks for it; a fault before that is no crash.
    this.begun.catch(() => {});
    this.ended.catch(() => {});
    this.#pumped = this.#pump();
  }

  fields(): F {
    if (this.#result === undefined)
      throw new Error('the fields of an upload are known when its file has ended');
    return this.#result.fields;
  }

  async dismiss(): Promise<void> {
    this.#fail(new CoreError({ code: 'malformed' }, 'the upload was let go of'));
    await this.#pumped;
  }

  #onAbort(reject: (reason: unknown) => void): void {
    this.#stop.signal.addEventListener('abort', () => reject(this.#stop.signal.reason), { once: true });
  }

  #fail(error: unknown): void {
    if (this.#result !== undefined || this.#stop.signal.aborted) return;
    this.#stop.abort(malformed(error));
    this.parser.destroy();
  }

  #guard(act: () => void): void {
    if (this.#stop.signal.aborted) return;
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #listen(begin: (begun: { readonly file: Readable; readonly fileName: string | null }) => void): void {
    const { parser, rules } = this;
    parser.on('file', (name: string | undefined, file, info) => {
      // What breaks the parser breaks this too, and is told by `ended`.
      file.on('error', () => {});
      this.#guard(() => {
        if (name !== rules.file) throw invalid((name ?? '').slice(0, 200), 'a file is not taken here');
        begin({ file, fileName: info.filename ?? null });
      });
    });
    parser.on('field', (name: string | undefined, value, info) =>
      this.#guard(() => this.#fields.add(name, value, info)),
    );
    parser.on('filesLimit', () => this.#fail(invalid(rules.file, 'more than one file')));
    parser.on('partsLimit', () => this.#fail(tooLarge(`the body has more than ${maxParts} parts`)));
    parser.on('error', (error) => this.#fail(error));
  }

  #finish(resolve: () => void): void {
    this.#result = { fields: this.check(this.#fields.checked()) };
    resolve();
  }

  async #pump(): Promise<void> {
    try {
      await this.#feed();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#stop.signal.aborted) await this.#pieces.discard();
  }

  async #feed(): Promise<void> {
    const { parser } = this;
    const { signal } = this.#stop;
    for await (const chunk of this.#pieces.bytes) {
      if (signal.aborted) return;
      if (!parser.write(chunk)) await once(parser, 'drain', { signal });
    }
    if (!signal.aborted) parser.end();
  }
}

async function* bytesOf(file: Readable, ended: Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file) yield chunk as Uint8Array;
  } catch (error) {
    await ended;
    throw error;
  }
  await ended;
}

/**
 * Reads a body of multipart/form-data, with one file and small texts, as the file is read: memory does
 * not grow with it, and the client sends no faster.
 * Rejects CoreErrors before the file begins, and its iteration throws them after: `unsupported_media_type`,
 * `too_large`, `timeout`, `malformed` (a client that breaks off, too) and `invalid`.
 *
 * @param check makes of the texts what `fields` gives; what it throws is the body's fault.
 */
export async function openUpload<F>(
  request: Request,
  rules: UploadRules,
  check: (fields: Readonly<Record<string, string>>) => F,
): Promise<Upload<F>> {
  const reading = new Reading(request, createParser(request, rules), rules, check);
  const missing = reading.ended.then(() => {
    throw invalid(rules.file, 'the file is missing');
  });
  try {
    const { file, fileName } = await Promise.race([reading.begun, missing]);
    missing.catch(() => {});
    return {
      fileName,
      file: bytesOf(file, reading.ended),
      fields: () => reading.fields(),
      dismiss: () => reading.dismiss(),
    };
  } catch (error) {
    await reading.dismiss();
    throw error;
  }
}
