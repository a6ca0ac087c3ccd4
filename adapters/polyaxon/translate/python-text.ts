import { isRecord } from './json.js';

/** A number as Python prints it: `1e-05`, `0.1`, `3`. A whole one of JSON is one without a point. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const unprintable = /[\\\p{C}]|(?! )\p{Z}/gu;
const short: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return short[character] ?? `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function quotedText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const safe = text.replace(unprintable, escaped);
  return `${quote}${quote === "'" ? safe.replaceAll("'", "\\'") : safe}${quote}`;
}

function innerText(value: unknown): string {
  return typeof value === 'string' ? quotedText(value) : pythonText(value);
}

/** A JSON value as Python's `str` prints it: True, None, `[1, 'a']`; a text as it is. */
export function pythonText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(innerText).join(', ')}]`;
  if (isRecord(value)) {
    const items = Object.entries(value).map(([key, item]) => `${quotedText(key)}: ${innerText(item)}`);
    return `{${items.join(', ')}}`;
  }
  return 'None';
}
