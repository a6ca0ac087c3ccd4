import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  forms,
  isExactIn,
  isTime,
  parseInstant,
  textIn,
} from '../../../../adapters/foundry/translate/datetimes.js';

const second = 1_000_000_000n;

describe('an instant', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1970-01-01 00:00:01+00:00', second],
    ['1970-01-01T00:00:00.5Z', second / 2n],
    ['1970-01-01T00:00:00.000000001Z', 1n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['1970-01-01T02:00:00+02:00', 0n],
    ['1969-12-31T19:00:00-0500', 0n],
    ['0001-01-01T00:00:00Z', -62_135_596_800n * second],
    ['9999-12-31T23:59:59.999999999Z', 253_402_300_800n * second - 1n],
  ])('%s is read exactly', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '',
    'now',
    '1970-01-01',
    '1970-01-01T00:00:00',
    '1970-01-01T00:00Z',
    '1970-13-01T00:00:00Z',
    '1970-02-29T00:00:00Z',
    '1970-01-01T24:00:00Z',
    '1970-01-01T00:60:00Z',
    '1970-01-01T00:00:60Z',
    '1970-01-01T00:00:00+24:00',
    '1970-01-01T00:00:00+00:60',
    '1970-01-01T00:00:00.Z',
    '1970-01-01T00:00:00.0000000001Z',
    '1970-01-01t00:00:00z',
    ' 1970-01-01T00:00:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '+010000-01-01T00:00:00Z',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeNull();
    expect(isTime(text)).toBe(false);
  });
});

describe('the forms of a time', () => {
  const instants = fc.bigInt({ min: -62_135_596_800n * second, max: 253_402_300_800n * second - 1n });
  const granular = fc
    .tuple(instants, fc.constantFrom(1n, 1000n, 1_000_000n, second))
    .map(([instant, grain]) => {
      const floored = instant - (((instant % grain) + grain) % grain);
      return floored < -62_135_596_800n * second ? floored + grain : floored;
    });

  it('write an instant, or the last before it, and are read as times', () => {
    fc.assert(
      fc.property(granular, (instant) => {
        for (const form of forms) {
          const text = textIn(form, instant);
          const read = parseInstant(text) ?? 0n;
          const grain = 10n ** BigInt(9 - form.digits);
          expect(isTime(text)).toBe(true);
          expect(read <= instant && instant - read < grain).toBe(true);
          expect(isExactIn(form, instant)).toBe(read === instant);
        }
      }),
    );
  });

  it('order texts as their instants are ordered', () => {
    fc.assert(
      fc.property(granular, granular, fc.constantFrom(...forms), (a, b, form) => {
        const [left, right] = [textIn(form, a), textIn(form, b)];
        const instants = (parseInstant(left) ?? 0n) < (parseInstant(right) ?? 0n);
        expect(Buffer.compare(Buffer.from(left), Buffer.from(right)) < 0).toBe(instants);
      }),
    );
  });
});
