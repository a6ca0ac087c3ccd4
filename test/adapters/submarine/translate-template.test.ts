import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilled } from '../../../adapters/submarine/translate/template.js';
import {
  checkParameters,
  fillTemplate,
  parametersOf,
} from '../../../adapters/submarine/translate/template-parameters.js';

const parameter = (name: string, value: unknown = null, required: unknown = false) => ({
  name,
  value,
  required,
});

/** A template of this spec, with these parameters. */
function aTemplate(parameters: unknown[] = [], meta: object = {}, task: object = {}) {
  return {
    name: 't',
    parameters,
    experimentSpec: {
      meta: { name: 'exp', framework: 'TensorFlow', ...meta },
      spec: { Worker: { replicas: 1, resources: 'cpu=1,memory=1024M', ...task } },
    },
  };
}

describe('the parameters of a template', () => {
  it('are its own, as texts, and those of its roles', () => {
    const own = [
      { name: 'lr', value: 0.1, required: true, description: 'learning rate' },
      { name: 'b', value: 'x', required: 'false' },
      { name: 'c' },
    ];
    expect(parametersOf(aTemplate(own))).toEqual([
      { name: 'lr', value: '0.1', required: 'true', description: 'learning rate' },
      { name: 'b', value: 'x', required: 'false', description: null },
      { name: 'c', value: null, required: 'false', description: null },
      { name: 'spec.Worker.replicas', value: '1', required: 'false', description: null },
      { name: 'spec.Worker.resourceMap.cpu', value: '1', required: 'false', description: null },
      { name: 'spec.Worker.resourceMap.memory', value: '1024M', required: 'false', description: null },
    ]);
  });

  it('are declared under either of two names', () => {
    const { parameters, ...rest } = aTemplate([parameter('lr')], { cmd: '{{lr}}' });
    expect(parametersOf({ ...rest, experimentTemplateParamSpec: parameters })).toEqual(
      parametersOf({ ...rest, parameters }),
    );
  });

  it('are not doubled when a client sends back what it was shown', () => {
    const template = aTemplate([parameter('lr')], { cmd: '{{lr}}' });
    const shown = parametersOf(template);
    expect(parametersOf({ ...template, parameters: shown })).toEqual(shown);
  });

  it.each([
    ['a placeholder', [parameter('lr')], { cmd: 'run {{lr}}' }],
    ['one in many places', [parameter('lr')], { cmd: 'run {{lr}} {{lr}}', namespace: '{{lr}}' }],
    ['a place', [parameter('meta.cmd')], { cmd: 'run' }],
    ['a place with placeholders', [parameter('meta.cmd')], { cmd: 'run {{lr}}' }],
    ['a placeholder at a place', [parameter('meta.cmd:lr')], { cmd: 'run {{lr}}' }],
    ['a place in a list', [parameter('meta.tags.0')], { tags: ['x'] }],
    ['a place whose keys have dots', [parameter('meta.envVars.a.b')], { envVars: { 'a.b': 'x' } }],
    ['a role’s replicas, declared by hand', [parameter('spec.Worker.replicas', '3')], {}],
    ['nothing at all', [], {}],
  ])('fit: %s', (_name, parameters, meta) => {
    expect(() => checkParameters(aTemplate(parameters, meta))).not.toThrow();
  });

  it.each([
    ['unused', [parameter('lr')], { cmd: 'run' }, 'Parameters contains unused key: [lr]'],
    ['two unused', [parameter('a'), parameter('b')], {}, 'Parameters contains unused key: [a, b]'],
    [
      'a place that is not there',
      [parameter('meta.nothing')],
      {},
      'Parameters contains unused key: [meta.nothing]',
    ],
    ['a place that is no text', [parameter('meta')], {}, 'Parameters contains unused key: [meta]'],
    [
      'a placeholder at another place',
      [parameter('meta.name:lr')],
      { cmd: '{{lr}}' },
      'Parameters contains unused key: [meta.name:lr]',
    ],
    [
      'a placeholder without parameter',
      [],
      { name: '{{k}}' },
      'Template contains unmapped value: [meta.name:k]',
    ],
    ['spaces count', [], { name: '{{ k }}' }, 'Template contains unmapped value: [meta.name: k ]'],
  ])('do not fit: %s', (_name, parameters, meta, message) => {
    expect(() => checkParameters(aTemplate(parameters, meta))).toThrow(message);
  });

  it('are searched for in a time that grows with the text alone', () => {
    const braces = '{{'.repeat(250_000);
    expect(() => checkParameters(aTemplate([], { cmd: braces }))).not.toThrow();
    expect(fillTemplate(aTemplate([], { cmd: braces }), {})).toMatchObject({ meta: { cmd: braces } });
  });
});

describe('filling a template', () => {
  const lr = aTemplate([parameter('lr', '0.1'), parameter('name', null, 'true')], {
    name: '{{name}}',
    cmd: 'run --lr={{lr}}',
  });

  it.each([
    ['a default', lr, { name: 'a' }, { meta: { name: 'a', cmd: 'run --lr=0.1' } }],
    ['a value', lr, { name: 'a', lr: '0.5' }, { meta: { name: 'a', cmd: 'run --lr=0.5' } }],
    ['an empty value', lr, { name: 'a', lr: '' }, { meta: { name: 'a', cmd: 'run --lr=' } }],
    ['null is the default', lr, { name: 'a', lr: null }, { meta: { name: 'a', cmd: 'run --lr=0.1' } }],
    [
      'a place',
      aTemplate([parameter('meta.cmd')], { cmd: 'old {{x}}' }),
      { 'meta.cmd': 'new' },
      { meta: { cmd: 'new' } },
    ],
    [
      'the default of a place',
      aTemplate([parameter('meta.cmd', 'default')], { cmd: 'old' }),
      {},
      { meta: { cmd: 'default' } },
    ],
    ['a place without any', aTemplate([parameter('meta.cmd')], { cmd: 'old' }), {}, { meta: { cmd: 'old' } }],
    [
      'a placeholder at a place before the one everywhere',
      aTemplate([parameter('x', 'every'), parameter('meta.cmd:x', 'here')], {
        cmd: '{{x}}',
        namespace: '{{x}}',
      }),
      {},
      { meta: { cmd: 'here', namespace: 'every' } },
    ],
    [
      'a placeholder without value',
      aTemplate([parameter('x')], { cmd: 'a {{x}}' }),
      {},
      { meta: { cmd: 'a {{x}}' } },
    ],
    [
      'values are not looked into again',
      aTemplate([parameter('a'), parameter('b')], { cmd: '{{a}} {{b}}' }),
      { a: '{{b}}', b: '$&$1' },
      { meta: { cmd: '{{b}} $&$1' } },
    ],
    [
      'a list',
      aTemplate([parameter('t')], { tags: ['x', '{{t}}'] }),
      { t: 'y' },
      { meta: { tags: ['x', 'y'] } },
    ],
    ['replicas', aTemplate(), { 'spec.Worker.replicas': '3' }, { spec: { Worker: { replicas: '3' } } }],
    [
      'replicas that the template does not name',
      aTemplate([], {}, { replicas: undefined }),
      { 'spec.Worker.replicas': '2' },
      { spec: { Worker: { replicas: '2' } } },
    ],
    [
      'cpu, beside memory',
      aTemplate(),
      { 'spec.Worker.resourceMap.cpu': '4' },
      { spec: { Worker: { resources: 'cpu=4,memory=1024M' } } },
    ],
    [
      'memory, beside a GPU',
      aTemplate([], {}, { resources: 'cpu=1,nvidia.com/gpu=2' }),
      { 'spec.Worker.resourceMap.memory': '2G' },
      { spec: { Worker: { resources: 'cpu=1,nvidia.com/gpu=2,memory=2G' } } },
    ],
    [
      'amounts within a placeholder',
      aTemplate([parameter('m')], {}, { resources: 'cpu=1,memory={{m}}' }),
      { m: '2G', 'spec.Worker.resourceMap.cpu': '2' },
      { spec: { Worker: { resources: 'cpu=2,memory=2G' } } },
    ],
    ['nothing', aTemplate(), {}, aTemplate().experimentSpec],
  ])('%s', (_name, template, given, expected) => {
    expect(fillTemplate(template, given as Record<string, string | null>)).toMatchObject(expected);
  });

  it.each([
    ['unknown', { name: 'a', x: '1' }, 'Parameters contains illegal key: [x]'],
    ['two unknown', { x: '1', y: '1' }, 'Parameters contains illegal key: [x, y]'],
    ['an inherited one', { name: 'a', toString: '1' }, 'Parameters contains illegal key: [toString]'],
    ['required and missing', {}, 'Template contains unmapped value: [name]'],
    ['required and null', { name: null }, 'Template contains unmapped value: [name]'],
  ])('refuses a parameter that is %s', (_name, given, message) => {
    expect(() => fillTemplate(lr, given as Record<string, string | null>)).toThrow(message);
  });

  it('refuses what it makes if that could not be sent either', () => {
    const filled = fillTemplate(aTemplate(), { 'spec.Worker.replicas': 'many' });
    expect(() => parseFilled(filled)).toThrow('spec.Worker.replicas: must be a whole number from 0 to 1000');
  });

  it('puts every value in its place, letter by letter, and leaves the rest alone', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const values = fc.dictionary(name, fc.string({ unit: 'binary' }), { minKeys: 1, maxKeys: 6 });
    const between = fc.string().map((text) => text.replaceAll(/[{}]/g, ''));
    fc.assert(
      fc.property(values, between, (given, text) => {
        const names = Object.keys(given);
        const cmd = text + names.map((key) => `{{${key}}}${text}`).join('');
        const template = aTemplate(
          names.map((key) => parameter(key, null, 'true')),
          { cmd, namespace: text },
        );
        checkParameters(template);
        expect(fillTemplate(template, given)).toEqual({
          ...template.experimentSpec,
          meta: {
            ...template.experimentSpec.meta,
            cmd:
              text +
              Object.values(given)
                .map((value) => value + text)
                .join(''),
            namespace: text,
          },
        });
      }),
    );
  });

  it('with its own defaults gives back the experiment that it was made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(9), (cmd, replicas) => {
        const template = aTemplate([], { cmd: cmd.replaceAll(/[{}]/g, '') }, { replicas });
        expect(fillTemplate(template, {})).toEqual(template.experimentSpec);
      }),
    );
  });
});
