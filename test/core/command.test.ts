import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandReferences } from '../../src/core/command.js';

const environment = { NAME: 'value', EMPTY: '', NESTED: '$(NAME)', 'ODD.NAME-1': 'odd', DOLLARS: '$$&$1' };

describe('expandReferences', () => {
  it.each([
    ['no reference', 'plain', 'plain'],
    ['a known variable', '--dir=$(NAME)/x', '--dir=value/x'],
    ['two in one word', '$(NAME)$(NAME)', 'valuevalue'],
    ['an empty value', 'a$(EMPTY)b', 'ab'],
    ['an unknown variable stays', '$(MISSING)', '$(MISSING)'],
    ['an inherited property is no variable', '$(toString)$(__proto__)', '$(toString)$(__proto__)'],
    ['an escaped reference', '$$(NAME)', '$(NAME)'],
    ['an escaped dollar before a reference', '$$$(NAME)', '$value'],
    ['two escaped dollars', '$$$$', '$$'],
    ['a shell variable is not expanded', '$NAME $HOME', '$NAME $HOME'],
    ['a reference without its end', '$(NAME', '$(NAME'],
    ['an escape inside of one without its end', '$(a$$', '$(a$'],
    ['a million references without an end', '$('.repeat(1_000_000), '$('.repeat(1_000_000)],
    ['a dollar at the end', 'cost$', 'cost$'],
    ['an empty name', '$()', '$()'],
    ['values are not looked into again', '$(NESTED)', '$(NAME)'],
    ['values are taken letter by letter', '$(DOLLARS)', '$$&$1'],
    ['the name goes up to the first parenthesis', '$(a(NAME)', '$(a(NAME)'],
    ['a name that is no shell name', '$(ODD.NAME-1)', 'odd'],
    ['characters outside of the basic plane', '$😀$(NAME)😀', '$😀value😀'],
  ])('%s', (_what, word, expected) => {
    expect(expandReferences([word], environment)).toEqual([expected]);
  });

  it('leaves every word without a dollar alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' })),
        fc.dictionary(fc.string(), fc.string()),
        (words, variables) => {
          const plain = words.map((word) => word.replaceAll('$', ''));
          expect(expandReferences(plain, variables)).toEqual(plain);
        },
      ),
    );
  });

  it('gives back any text whose dollars were doubled', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (text, variables) => {
        expect(expandReferences([text.replaceAll('$', '$$$$')], variables)).toEqual([text]);
      }),
    );
  });
});
