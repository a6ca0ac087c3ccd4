import { Composer, type CST, type Document, isScalar, Lexer, LineCounter, Parser, visit } from 'yaml';
import { CoreError, invalid } from '../core/errors.js';
import { checkValue, maxDepth, tooDeep } from './check-value.js';

/** More aliases than any hand-written document has; beyond it a few lines could unfold into gigabytes. */
const maxAliases = 100;

/** Many times the longest spec; the parser takes some 5 microseconds for each, and in a few cases more. */
const maxLexemes = 20_000;

function tooLong(): CoreError {
  return new CoreError({ code: 'too_large' }, 'the YAML has too many parts; send it as JSON');
}

function malformed(message: string, cause?: unknown): CoreError {
  return new CoreError({ code: 'malformed' }, `malformed YAML: ${message}`, { cause });
}

/** The tokens of a text; stops before anything slow or recursive sees too many of them or too deep ones. */
function* tokens(text: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > maxLexemes) throw tooLong();
    yield* parser.next(lexeme);
    // Each level of a document takes one place in the parser's stack, beside the document's own.
    if (parser.stack.length > maxDepth + 2) throw tooDeep();
  }
  yield* parser.end();
}

function compose(text: string): Document.Parsed | undefined {
  const lines = new LineCounter();
  const composer = new Composer({
    lineCounter: lines,
    logLevel: 'silent',
    merge: false,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: 'core',
    stringKeys: true,
    // The library compares each key with each other one; checkKeys below takes a set.
    uniqueKeys: false,
  });
  let document: Document.Parsed | undefined;
  for (const next of composer.compose(tokens(text, lines))) {
    if (document !== undefined) throw malformed('more than one document');
    document = next;
  }
  const fault = document?.errors[0] ?? document?.warnings[0];
  if (fault === undefined) return document;
  const { line, col } = lines.linePos(fault.pos[0]);
  throw malformed(`${fault.message.slice(0, 200)} at line ${line}, column ${col}`);
}

function checkKeys(document: Document.Parsed): void {
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : undefined;
        if (typeof name !== 'string') throw malformed('a key is not text');
        if (seen.has(name))
          throw malformed(`the key ${JSON.stringify(name.slice(0, 100))} stands twice in one mapping`);
        seen.add(name);
      }
    },
  });
}

/**
 * Parses one YAML 1.2 document with the core schema: no merge keys, no custom tags, each key once, at
 * most 100 aliases. Gives undefined for an empty document. Throws CoreError `malformed` with line and
 * column, or `invalid` for what `checkValue` refuses.
 */
export function parseYaml(text: string): unknown {
  const document = compose(text);
  if (document === undefined || document.contents === null) return undefined;
  checkKeys(document);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw error.message.startsWith('Excessive')
      ? invalid('', 'too many aliases')
      : malformed(error.message, error);
  }
  checkValue(value, true);
  return value;
}
