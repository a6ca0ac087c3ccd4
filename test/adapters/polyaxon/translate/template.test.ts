import { describe, expect, it } from 'vitest';
import { fillTemplates } from '../../../../adapters/polyaxon/translate/template.js';

const names = {
  lr: 0.1,
  small: 1e-5,
  model: { units: [64, 'x'], deep: { a: true } },
  text: '{{ lr }}',
  n: null,
};

describe('fillTemplates', () => {
  it.each([
    ['--lr={{ lr }} {{lr}} {{\n lr }}', '--lr=0.1 0.1 0.1'],
    ['{{ small }}', '1e-05'],
    ['{{ model.units }} {{ model.units.1 }} {{ model.deep.a }}', "[64, 'x'] x True"],
    ['{{ n }}', 'None'],
    ['{{ text }}', '{{ lr }}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
    ['awk {print} ${HOME} ${#a} }} { {', 'awk {print} ${HOME} ${#a} }} { {'],
    ['{lr} {', '{lr} {'],
    ['', ''],
  ])('%s', (text, filled) => {
    expect(fillTemplates(text, names)).toBe(filled);
  });

  it('fills texts wherever they stand, and no keys', () => {
    const value = { '{{ lr }}': ['{{ lr }}', { a: '{{ lr }}' }, 1, null] };
    expect(fillTemplates(value, names)).toEqual({ '{{ lr }}': ['0.1', { a: '0.1' }, 1, null] });
  });

  it.each([
    ['{{ rate }}', 'names no param'],
    ['{{ model.rate }}', 'names no param'],
    ['{{ lr.rate }}', 'names no param'],
    ['{{ constructor }}', 'names no param'],
    ['{{ model.units.length.x }}', 'names no param'],
    ['{{ lr | float }}', 'more than a name'],
    ['{{ lr + 1 }}', 'more than a name'],
    ['{{ lr() }}', 'more than a name'],
    ["{{ model['units'] }}", 'more than a name'],
    ['{{ }}', 'more than a name'],
    ['{{ {{ lr }} }}', 'more than a name'],
    ['{{- lr -}}', 'more than a name'],
    ['{{ lr', 'has no }}'],
    ['{% if lr %}x{% endif %}', 'statements'],
  ])('refuses %s with its place', (text, message) => {
    expect(() => fillTemplates({ cmd: ['x', text] }, names, 'content', 'run')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        detail: {
          code: 'invalid',
          issues: [{ path: 'content.run.cmd.1', message: expect.stringContaining(message) }],
        },
      }),
    );
  });

  it('refuses what grows beyond all bounds, before it is made', () => {
    const grown = { a: 'x'.repeat(500_000) };
    expect(() => fillTemplates('{{a}}'.repeat(200_000), grown)).toThrow('too long');
    expect(() => fillTemplates(Array(10).fill('{{a}}'), grown)).toThrow('too long');
    expect(() => fillTemplates('{{'.repeat(500_000), grown)).toThrow('has no }}');
  });
});
