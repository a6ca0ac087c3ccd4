import { v5, v7 } from 'uuid';
import { expect, it } from 'vitest';
import { rowUuid } from '../../../adapters/polyaxon/translate/row-uuid.js';
import { type RunId, uuidToHex } from '../../../src/core/ids.js';

it('the uuid of a row is that of version 5 of its run and its number', () => {
  for (const row of [1, 2, 10, 999, 123_456, Number.MAX_SAFE_INTEGER]) {
    const run = v7() as RunId;
    expect(rowUuid(run, row)).toBe(uuidToHex(v5(`metrics ${row}`, run)));
  }
});
