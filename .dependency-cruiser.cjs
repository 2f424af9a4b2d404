const importTable = require('./scripts/importTable.cjs');

const folderRules = Object.entries(importTable).map(([folder, allowed]) => ({
  name: `imports-of-${folder}`,
  comment: `src/${folder} may import: ${allowed.join(', ') || 'nothing of src'}.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'folder-in-table',
      comment: 'A folder of src that the import table does not know.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(importTable).join('|')})/` },
      to: {},
    },
    {
      name: 'simulator-sees-interfaces',
      comment: "The simulator stands behind kernel's interfaces; it must not use its code.",
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: '^src/kernel/', pathNot: '^src/kernel/kernelFs\\.ts$' },
    },
    {
      name: 'only-kernel-and-record-touch-files',
      comment:
        'Kernel files are opened by kernel, record files by record, the rest by cli and server.',
      severity: 'error',
      from: { path: '^src/(base|damon|simulator|reconcile|collect|metrics)/' },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'only-otlp-touches-opentelemetry',
      comment: "OpenTelemetry's client is loaded where something is pushed, through src/otlp.",
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/otlp/' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
    },
  },
};
