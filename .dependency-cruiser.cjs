/** Who may import whom. The arrows point inward: core imports nobody, and only main.ts and cli.ts wire both sides. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }, 'Two modules that need each other are one module, or three.'),
    forbid(
      'core-is-pure',
      { path: '^src/core/' },
      { pathNot: ['^src/core/', '^node_modules/zod/'] },
      'Core knows no dialect, database, cluster or clock.',
    ),
    forbid(
      'services-see-ports',
      { path: '^src/services/' },
      { path: '^(src|adapters)/', pathNot: ['^src/core/', '^src/services/'] },
      'Services reach the world by ports alone.',
    ),
    forbid(
      'backends-know-core-only',
      { path: '^src/(store|runner|logs|artifacts|tables|job-databases)/' },
      { path: '^(src|adapters)/', pathNot: ['^src/core/', '^src/$1/', '^src/logs/'] },
      'A backend implements a port; a runner may also write log segments in the store’s own form.',
    ),
    forbid(
      'http-helpers-know-services',
      { path: '^src/http/' },
      { path: '^(src|adapters)/', pathNot: ['^src/core/', '^src/services/', '^src/http/'] },
      'HTTP helpers serve every dialect and know none.',
    ),
    forbid(
      'reconciler-writes-through-services',
      { path: '^src/reconciler/' },
      { path: '^(src|adapters)/', pathNot: ['^src/core/', '^src/services/', '^src/reconciler/'] },
      'The reconciler sees ports and services.',
    ),
    forbid(
      'adapters-are-thin',
      { path: '^adapters/([^/]+)/' },
      { path: '^(src|adapters)/', pathNot: ['^src/(core|services|http)/', '^adapters/$1/'] },
      'An adapter translates; it sees neither stores nor runners nor other adapters.',
    ),
    forbid(
      'only-the-composition-root-mounts-adapters',
      { path: '^src/', pathNot: ['^src/main\\.ts$'] },
      { path: '^adapters/' },
      'A dialect is one folder and one line in main.ts.',
    ),
    forbid(
      'hono-stays-at-the-edge',
      { path: '^src/(core|services|store|runner|reconciler|logs|artifacts|tables|job-databases)/' },
      { path: 'node_modules/(@hono|hono)/' },
      'Only HTTP code knows the HTTP library.',
    ),
    forbid(
      'not-to-test',
      { path: '^(src|adapters)/' },
      { path: '^test/' },
      'The product does not need its tests.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
