/**
 * Three tiers, told apart by name: `*.spec.ts` beside the source (unit, no network), `test/*.int.spec.ts` (integration,
 * real servers named by the environment), `e2e/**` (the whole system, on a stack of its own).
 */
const base = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Packages that ship ES modules only; Jest cannot require() them untransformed.
  transformIgnorePatterns: ['/node_modules/(?!(uuid|jose|cockatiel|croner|content-disposition|cookie)/)'],
  moduleNameMapper: { '^@tripline/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/'],
  rootDir: __dirname,
};

module.exports = {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,tools,monitoring,k8s,chaos,bench}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.int\\.spec\\.ts$', '/node_modules/'],
    },
    {
      ...base,
      displayName: 'int',
      setupFilesAfterEnv: ['<rootDir>/tools/test/patience.ts'],
      testMatch: ['<rootDir>/{apps,libs,tools,monitoring,k8s,chaos}/**/*.int.spec.ts'],
    },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/**/*.spec.ts'],
      globalSetup: '<rootDir>/e2e/support/global-setup.ts',
      globalTeardown: '<rootDir>/e2e/support/global-teardown.ts',
    },
  ],
};
