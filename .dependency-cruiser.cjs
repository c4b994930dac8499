/** Import rules of the house: imports run one way, services meet only through their public files. */
const services = 'products|orders|makeline|simulation|ai|analytics'

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle, of types too, means that two modules are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-is-pure',
      comment:
        'A domain file knows nothing of Azure, of the platform, or of how things are stored, and no trigger.',
      severity: 'error',
      from: {
        path: '^functions/(products/product|orders/order|analytics/aggregate|simulation/(virtualWorker|pace|schedule)|ai/(description|prompts))\\.ts$',
      },
      to: { path: '^functions/platform|node_modules/@azure|^node:|Store\\.ts$|\\.functions\\.ts$' },
    },
    {
      name: 'only-triggers-import-azure-functions',
      comment: 'Triggers are the only files that know the Functions programming model.',
      severity: 'error',
      from: {
        path: '^functions/',
        pathNot: '\\.functions\\.ts$|^functions/platform/http\\.ts$|^functions/index\\.ts$',
      },
      to: { path: 'node_modules/@azure/functions/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'services-meet-in-public',
      comment: "A service never reaches into another service's store or triggers.",
      severity: 'error',
      from: { path: `^functions/(${services})/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^functions/(${services})/.*(Store|\\.functions)\\.ts$`, pathNot: '^functions/$1/' },
    },
    {
      name: 'platform-knows-no-service',
      comment: 'The services stand on the platform, which does not reach up into them.',
      severity: 'error',
      from: { path: '^functions/platform/', pathNot: '\\.test\\.ts$' },
      to: { path: `^functions/(${services})/` },
    },
    {
      name: 'nothing-imports-triggers',
      comment: 'Triggers are leaves: only the table of contents names them.',
      severity: 'error',
      from: { path: '^functions/', pathNot: '^functions/index\\.ts$|\\.test\\.ts$' },
      to: { path: '\\.functions\\.ts$' },
    },
    {
      name: 'functions-do-not-know-the-local-cloud',
      comment: 'The production code has one path; nothing in it knows that a local cloud exists.',
      severity: 'error',
      from: { path: '^(functions|contract|web-ui|web-store|web-admin)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(local|tests)/' },
    },
    {
      name: 'web-apps-meet-only-the-contract',
      comment: 'A web app knows the wire, not the back end, nor the other web app.',
      severity: 'error',
      from: { path: '^web-(ui|store|admin)/' },
      to: { path: '^(functions|web-(store|admin))/', pathNot: '^web-$1/' },
    },
    {
      name: 'contract-stands-alone',
      comment: 'The contract is the bottom of the house.',
      severity: 'error',
      from: { path: '^contract/' },
      to: { path: '^(functions|local|tests|web-)' },
    },
    {
      name: 'no-undeclared-dependencies',
      comment: 'What is imported is declared.',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^tests/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(virtual:|@azure/functions-core)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/\\.vite)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.vue', '.json'],
    },
  },
}
