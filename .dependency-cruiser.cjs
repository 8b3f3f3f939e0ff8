/** The direction of imports; see ARCHITECTURE.md. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const rooms = ['store', 'formats', 'jobs', 'encoder', 'learning', 'agreement', 'onnx']
/** Rooms that a room may stand on, besides itself and src-shared. */
const ground = {
  encoder: ['onnx', 'jobs'],
  learning: ['onnx', 'jobs'],
  agreement: ['jobs'],
  store: [],
  formats: [],
  jobs: [],
  onnx: [],
}

module.exports = {
  forbidden: [
    only('no-circles', 'Nothing imports itself in a round.', {}, { circular: true }),
    only(
      'shared-is-pure',
      'src-shared knows neither Node, DOM nor Electron.',
      { path: '^src-shared/', pathNot: '\\.test\\.ts$' },
      {
        dependencyTypes: ['core'],
      },
    ),
    only(
      'shared-stands-alone',
      'src-shared imports nothing of main or renderer.',
      { path: '^src-shared/' },
      { path: '^src-(main|renderer)/' },
    ),
    only(
      'renderer-imports-shared-only',
      'The window reaches the backend through the contract alone.',
      { path: '^src-renderer/' },
      { path: '^src-main/' },
    ),
    only(
      'main-never-imports-renderer',
      'The backend knows no window.',
      { path: '^src-main/' },
      { path: '^src-renderer/' },
    ),
    ...rooms.map((room) =>
      only(
        `${room}-stands-on-its-ground`,
        `${room} knows neither services, hosts nor the insides of other rooms.`,
        { path: `^src-main/${room}/` },
        { path: '^src-main/', pathNot: `^src-main/(${[room, ...ground[room]].join('|')})/` },
      ),
    ),
    only(
      'services-know-no-host',
      'Services are the same in every host.',
      { path: '^src-main/services/' },
      { path: '^src-main/(host-|cli/|backend\\.ts|start\\.ts)' },
    ),
    only(
      'backend-knows-no-host',
      'Hosts hold the backend, not the other way round.',
      { path: '^src-main/backend\\.ts' },
      { path: '^src-main/(host-|cli/|start\\.ts)' },
    ),
    only(
      'electron-in-its-host',
      'Only the Electron host imports electron.',
      { path: '^(src-|e2e/)', pathNot: '^src-main/(host-electron/|start\\.ts)|^e2e/' },
      { path: '^(electron$|node_modules/electron/)' },
    ),
    only(
      'sqlite-in-store-and-cache',
      'SQL lives in the store and the embedding cache.',
      { path: '^src-main/', pathNot: '^src-main/(store/|encoder/embeddingCache)|\\.test\\.ts$' },
      { path: 'node_modules/better-sqlite3/', dependencyTypesNot: ['type-only'] },
    ),
    only(
      'reka-in-components',
      'components/ is our design system.',
      { path: '^src-renderer/', pathNot: '^src-renderer/components/' },
      { path: 'node_modules/reka-ui/' },
    ),
    only(
      'echarts-in-charts',
      'components/charts draws.',
      { path: '^src-renderer/', pathNot: '^src-renderer/components/charts/' },
      { path: 'node_modules/(vue-)?echarts/' },
    ),
    only(
      'components-know-no-feature',
      'Components serve every view.',
      { path: '^src-renderer/components/' },
      { path: '^src-renderer/features/' },
    ),
    only(
      'features-keep-apart',
      'A view does not reach into another.',
      { path: '^src-renderer/features/([^/]+)/' },
      { path: '^src-renderer/features/', pathNot: '^src-renderer/features/$1/' },
    ),
    only(
      'no-test-code-in-program',
      'Programs do not import tests.',
      { pathNot: '\\.test\\.ts$|^(e2e|bench)/' },
      { path: '\\.test\\.ts$|^e2e/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|\\.types)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.vue', '.js', '.cjs', '.mjs'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
}
