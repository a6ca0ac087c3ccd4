/** A file that must be refused. */
export interface MalformedFile {
  readonly name: string;
  readonly content: string;
  /** The field that the answer names. */
  readonly path: string;
}

const head = 'version: 1\nkind: experiment\n';
const run = 'run:\n  cmd: python x.py\n';
const json = (over: object) => JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'x' }, ...over });
const tensorflow = (replicas: object) => json({ framework: 'tensorflow', environment: { replicas } });
const cpu = (amount: unknown) => json({ environment: { resources: { cpu: { requests: amount } } } });

const laughs = [
  'version: 1',
  'kind: experiment',
  'params:',
  '  a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map(
    (key, at) => `  ${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[at]}`).join(',')}]`,
  ),
].join('\n');

const rows: readonly (readonly [string, string, string])[] = [
  // No mapping at all.
  ['nothing', '', 'content'],
  ['blanks', ' \n\t\n', 'content'],
  ['a comment', '# nothing', 'content'],
  ['a text', 'python x.py', 'content'],
  ['a list', '- version: 1', 'content'],
  ['a number', '1', 'content'],
  ['null', 'null', 'content'],
  ['a NUL', `${head}${run}#\0`, 'content'],
  ['an escaped NUL', json({ description: '\0' }), 'content.description'],
  ['bytes', '\x89PNG\r\n\x1a\n\0\0', 'content'],
  ['controls', '\x01\x02: \x03', 'content.version'],
  ['a tarball', '\x1f\x8b\x08{}', 'content'],
  ['a lone surrogate', `{"version":1,"kind":"experiment","name":"\\ud800"}`, 'content.name'],
  ['a page of HTML', '<!doctype html><p>no: yes: no', 'content'],
  // YAML.
  ['an unclosed list', `${head}tags: [a, b`, 'content'],
  ['a tab for indentation', `${head}run:\n\tcmd: x`, 'content'],
  ['bad indentation', `${head}run:\n    cmd: x\n  y: z`, 'content'],
  ['a key twice', `${head}${run}version: 1\n`, 'content'],
  ['two documents', `${head}${run}---\n${head}${run}`, 'content'],
  ['billion laughs', laughs, 'content'],
  ['an alias of nothing', `${head}run: *nobody`, 'content'],
  ['a list in itself', `${head}tags: &a [*a]`, 'content'],
  ['a merge key', `base: &b {cmd: x}\n${head}run:\n  <<: *b`, 'content.run.<<'],
  ['a merge key among params', `${head}${run}params:\n  <<: {a: 1}`, 'content.params.<<'],
  ['a Python object', `${head}run: !!python/object/apply:os.system ["id"]`, 'content'],
  ['a Python name', `${head}run: {cmd: !!python/name:os.system x}`, 'content'],
  ['a custom tag', `${head}run: !cmd x`, 'content'],
  ['!!binary', `${head}run: {cmd: !!binary aGk=}`, 'content'],
  ['a list as key', `${head}? [a]\n: b`, 'content'],
  ['deep flow', `${head}params: ${'['.repeat(10_000)}`, 'content'],
  ['deep nesting', json({ params: { a: JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) } }), 'content'],
  ['10^6 open braces', '{'.repeat(1e6), 'content'],
  ['a huge text', `${head}run: {cmd: "${'x'.repeat(2 * 1024 * 1024)}"}`, 'content'],
  ['a huge list', `${head}${run}tags:\n${'- a\n'.repeat(50_000)}`, 'content'],
  ['__proto__', `${head}${run}__proto__: {a: 1}`, 'content.__proto__'],
  [
    '__proto__ among params',
    '{"version":1,"kind":"experiment","params":{"__proto__":{"a":1}}}',
    'content.params.__proto__',
  ],
  ['NaN', `${head}${run}params: {a: .nan}`, 'content.params.a'],
  ['infinity', `${head}${run}params: {a: -.inf}`, 'content.params.a'],
  ['1e999', '{"version":1,"kind":"experiment","params":{"a":1e999}}', 'content.params.a'],
  // What Python prints, broken.
  ['a dict without its end', "{'version': 1, 'kind': 'experiment'", 'content'],
  [
    'a dict with an object',
    "{'version': 1, 'kind': 'experiment', 'run': <Run object at 0x7f>}",
    'content.run',
  ],
  [
    'a dict with a call',
    "{'version': 1, 'kind': 'experiment', 'run': __import__('os').system('id')}",
    'content',
  ],
  [
    'a dict with a date',
    "{'version': 1, 'kind': 'experiment', 'params': {'a': datetime.date(2018, 1, 1)}}",
    'content',
  ],
  ['a dict with nan', "{'version': 1, 'kind': 'experiment', 'params': {'a': nan}}", 'content'],
  ['a dict with a key twice', "{'version': 1, 'version': 1, 'kind': 'experiment'}", 'content'],
  ['a dict with a lone surrogate', "{'version': 1, 'kind': 'experiment', 'name': '\\ud800'}", 'content.name'],
  ['a dict, deep', `${"{'a': ".repeat(5000)}1${'}'.repeat(5000)}`, 'content'],
  ['a list of pairs', "[('version', 1), ('kind', 'experiment')]", 'content'],
  ['a set', "{'version', 'kind'}", 'content.version'],
  // Version, kind and sections.
  ['no version', `kind: experiment\n${run}`, 'content.version'],
  ['version 2', json({ version: 2 }), 'content.version'],
  ['version 1.1', json({ version: 1.1 }), 'content.version'],
  ['version true', json({ version: true }), 'content.version'],
  ['version in a list', json({ version: [1] }), 'content.version'],
  ['no kind', `version: 1\n${run}`, 'content.kind'],
  ...['job', 'group', 'build', 'notebook', 'tensorboard', 'pipeline', 'plugin', 'Experiment', ''].map(
    (kind) => [`the kind ${kind}`, json({ kind }), 'content.kind'] as const,
  ),
  ['a kind in a list', json({ kind: ['experiment'] }), 'content.kind'],
  ['hptuning', json({ hptuning: { matrix: { lr: { values: [1] } } } }), 'content.hptuning'],
  ['settings', json({ settings: {} }), 'content.settings'],
  ['matrix', json({ matrix: {} }), 'content.matrix'],
  ['a misspelt section', json({ enviroment: {} }), 'content.enviroment'],
  ['another level', json({ run: undefined, content: json({}) }), 'content.content'],
  // What stands in the sections.
  ['run as text', json({ run: 'python x.py' }), 'content.run'],
  ['run as list', json({ run: ['python x.py'] }), 'content.run'],
  ['run without cmd', json({ run: {} }), 'content.run.cmd'],
  ['run with more', json({ run: { cmd: 'x', image: 'y' } }), 'content.run.image'],
  ['an empty cmd', json({ run: { cmd: ' ' } }), 'content.run.cmd'],
  ['an empty list of cmd', json({ run: { cmd: [] } }), 'content.run.cmd'],
  ['a number as cmd', json({ run: { cmd: 1 } }), 'content.run.cmd'],
  ['a mapping as cmd', json({ run: { cmd: { a: 'x' } } }), 'content.run.cmd'],
  ['a number in a list of cmd', json({ run: { cmd: ['x', 1] } }), 'content.run.cmd.1'],
  ['build as text', json({ build: 'python:3' }), 'content.build'],
  ['build with more', json({ build: { image: 'python:3', steps: [] } }), 'content.build.steps'],
  ['an image with blanks', json({ build: { image: 'python 3' } }), 'content.build.image'],
  ['an image and a dockerfile', json({ build: { image: 'a', dockerfile: 'b' } }), 'content.build'],
  [
    'build steps as text',
    json({ build: { image: 'a', build_steps: 'pip install x' } }),
    'content.build.build_steps',
  ],
  [
    'a mapping as build step',
    json({ build: { image: 'a', build_steps: [{ run: 'x' }] } }),
    'content.build.build_steps.0',
  ],
  [
    'a variable without value',
    json({ build: { image: 'a', env_vars: [['A']] } }),
    'content.build.env_vars.0',
  ],
  [
    'a variable with = in its name',
    json({ build: { image: 'a', env_vars: [['A=B', '1']] } }),
    'content.build.env_vars.0.0',
  ],
  [
    'a list as variable',
    json({ build: { image: 'a', env_vars: [['A', []]] } }),
    'content.build.env_vars.0.1',
  ],
  ['tags as text', json({ tags: 'a' }), 'content.tags'],
  ['a number as tag', json({ tags: ['a', 1] }), 'content.tags.1'],
  ['a name with blanks', json({ name: 'two words' }), 'content.name'],
  ['a level of logging', json({ logging: { level: 'LOUD' } }), 'content.logging.level'],
  ['a backend', json({ backend: 'slurm' }), 'content.backend'],
  ['params as list', json({ params: ['lr'] }), 'content.params'],
  ['params as text', json({ params: 'lr=1' }), 'content.params'],
  ['params and declarations', json({ params: { a: 1 }, declarations: { a: 1 } }), 'content.declarations'],
  // Templates.
  ['a template that names nothing', json({ run: { cmd: 'x --lr={{ lr }}' } }), 'content.run.cmd'],
  ['a template in an image', json({ build: { image: 'x:{{ tag }}' } }), 'content.build.image'],
  [
    'a template in a build step',
    json({ build: { image: 'x', build_steps: ['a', '{{ b }}'] } }),
    'content.build.build_steps.1',
  ],
  ['a filter', json({ params: { lr: 1 }, run: { cmd: '{{ lr | int }}' } }), 'content.run.cmd'],
  ['an expression', json({ run: { cmd: "{{ ''.__class__.__mro__ }}" } }), 'content.run.cmd'],
  ['a statement', json({ run: { cmd: '{% for a in b %}x{% endfor %}' } }), 'content.run.cmd'],
  ['a template without end', json({ run: { cmd: '{{ lr' } }), 'content.run.cmd'],
  [
    'a template that swells',
    json({ params: { a: 'x'.repeat(1e5) }, run: { cmd: '{{a}}'.repeat(1e5) } }),
    'content.run.cmd',
  ],
  // Replicas and resources.
  ['environment as list', json({ environment: [] }), 'content.environment'],
  [
    'a misspelt resource',
    json({ environment: { resources: { ram: { requests: 1 } } } }),
    'content.environment.resources.ram',
  ],
  [
    'a resource as number',
    json({ environment: { resources: { cpu: 1 } } }),
    'content.environment.resources.cpu',
  ],
  ['a negative resource', cpu(-1), 'content.environment.resources.cpu.requests'],
  ['an endless resource', cpu(1e300), 'content.environment.resources.cpu.requests'],
  ['a resource with its unit', cpu('512Mi'), 'content.environment.resources.cpu.requests'],
  ['NaN as resource', cpu('nan'), 'content.environment.resources.cpu.requests'],
  [
    'half a GPU',
    json({ environment: { resources: { gpu: { limits: 0.5 } } } }),
    'content.environment.resources.gpu.limits',
  ],
  ['negative replicas', tensorflow({ n_workers: -1 }), 'content.environment.replicas.n_workers'],
  ['10^9 replicas', tensorflow({ n_workers: 1e9 }), 'content.environment.replicas.n_workers'],
  [
    'too many replicas in all',
    tensorflow({ n_workers: 600, n_ps: 600 }),
    'content.environment.replicas.n_workers',
  ],
  ['half a replica', tensorflow({ n_ps: 0.5 }), 'content.environment.replicas.n_ps'],
  ['replicas as list', tensorflow({ n_workers: [1] }), 'content.environment.replicas.n_workers'],
  ['misspelt replicas', tensorflow({ workers: 1 }), 'content.environment.replicas.workers'],
  [
    'a worker that is no mapping',
    tensorflow({ n_workers: 1, worker: ['x'] }),
    'content.environment.replicas.worker.0',
  ],
  [
    'parameter servers of PyTorch',
    json({ framework: 'pytorch', environment: { replicas: { n_ps: 1 } } }),
    'content.environment.replicas.n_ps',
  ],
  ['replicas without framework', json({ environment: { replicas: { n_workers: 1 } } }), 'content.framework'],
  [
    'replicas of an unknown framework',
    json({ framework: 'caffe', environment: { replicas: { n_workers: 1 } } }),
    'content.framework',
  ],
  ['a list as framework', json({ framework: ['tensorflow'] }), 'content.framework'],
  [
    'two sections of replicas',
    json({ environment: { tensorflow: { n_workers: 1 }, pytorch: { n_workers: 1 } } }),
    'content.environment.pytorch',
  ],
  [
    'the section of another framework',
    json({ framework: 'mxnet', environment: { tensorflow: { n_workers: 1 } } }),
    'content.framework',
  ],
  ['a long tag', json({ tags: ['x'.repeat(251)] }), 'content.tags.0'],
  ['too many tags', json({ tags: Array.from({ length: 1001 }, (_, at) => `t${at}`) }), 'content.tags'],
  ['a param without a name', json({ params: { '': 1 } }), 'content.params.'],
  [
    'too many params',
    json({ params: Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`p${at}`, 1])) }),
    'content.params',
  ],
  [
    'a node selector as list',
    json({ environment: { node_selector: ['disk=ssd'] } }),
    'content.environment.node_selector',
  ],
  [
    'a label of a node with blanks',
    tensorflow({ n_workers: 1, default_worker: { node_selector: { disk: 'a b' } } }),
    'content.environment.replicas.default_worker.node_selector.disk',
  ],
  [
    'a toleration of another effect',
    json({ environment: { tolerations: [{ key: 'a', effect: 'Always' }] } }),
    'content.environment.tolerations.0.effect',
  ],
  [
    'a misspelt affinity',
    json({ environment: { affinity: { node_affinity: {} } } }),
    'content.environment.affinity.node_affinity',
  ],
  ['negative restarts', json({ environment: { max_restarts: -1 } }), 'content.environment.max_restarts'],
  ['endless restarts', json({ environment: { max_restarts: 1e9 } }), 'content.environment.max_restarts'],
];

/** Polyaxonfiles that give 400 with the field that is wrong. */
export const malformedFiles: readonly MalformedFile[] = rows.map(([name, content, path]) => ({
  name,
  content,
  path,
}));
