import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tag } from '../../src/core/params.js';
import { fromTags, retag, toTags } from '../../src/core/tag-list.js';

const label = (key: string): Tag => ({ key, value: null });
const tag = (key: string, value: string): Tag => ({ key, value });

describe('a list of tags', () => {
  it.each([
    {
      name: 'keeps what it shows again',
      present: [label('a'), tag('k', 'v')],
      list: ['a', 'k=v'],
      wanted: [label('a'), tag('k', 'v')],
    },
    { name: 'drops what it leaves out', present: [label('a'), tag('k', 'v')], list: [], wanted: [] },
    {
      name: 'adds what is new as a label',
      present: [],
      list: ['a', 'k=v', 'a'],
      wanted: [label('a'), label('k=v')],
    },
    { name: 'changes a value by a label', present: [tag('k', 'v')], list: ['k=w'], wanted: [label('k=w')] },
    {
      name: 'leaves alone what is not shown',
      present: [tag('mlflow.user', 'root')],
      list: [],
      wanted: [tag('mlflow.user', 'root')],
    },
    { name: 'has one tag a key', present: [tag('k', 'v')], list: ['k=v', 'k'], wanted: [tag('k', 'v')] },
  ])('$name', ({ present, list, wanted }) => {
    expect(retag(list, present)).toEqual(wanted);
  });

  const anyTag = fc.record({
    key: fc.constantFrom('a', 'b', 'a=b', 'mlflow.user', 'ü'),
    value: fc.option(fc.constantFrom('', 'b', '=')),
  });
  const distinct = fc.uniqueArray(anyTag, { selector: ({ key }) => key });

  it('that is shown and sent back changes nothing', () => {
    fc.assert(
      fc.property(distinct, (present) => {
        expect(retag(fromTags(present), present)).toEqual(present);
      }),
    );
  });

  it('is shown as it was sent, each text once', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (list) => {
        expect(fromTags(toTags(list))).toEqual([...new Set(list)]);
      }),
    );
  });
});
