import nx from '@nx/eslint-plugin';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Packages that may be imported in one place only: the lib that is their home. */
const homes = [
  { home: 'libs/messaging', packages: ['kafkajs', 'snappy', 'lz4-napi'] },
  { home: 'libs/queue', packages: ['bullmq', 'ioredis', 'bullmq-otel'] },
  { home: 'libs/persistence', packages: ['pg', '@prisma/*'] },
  { home: 'libs/telemetry', packages: ['pino', 'pino-pretty', 'prom-client', '@opentelemetry/*'] },
  { home: 'apps/api', packages: ['fastify', 'fastify-type-provider-zod', '@fastify/*', 'jose', '@node-rs/argon2'] },
];

const outsideItsHome = homes.map(({ home, packages }) => ({
  group: packages.flatMap((name) => (name.endsWith('/*') ? [name] : [name, `${name}/*`])),
  message: `Only ${home} may import this: use its exports.`,
  home,
}));

const forbidden = (ownHome) => [
  'error',
  {
    patterns: [
      ...outsideItsHome.filter(({ home }) => home !== ownHome).map(({ group, message }) => ({ group, message })),
      { group: ['@tripline/*/*'], message: 'Import the lib by its index.' },
    ],
  },
];

const environmentRule = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Read the environment only in src/config.ts, through parseConfig.',
};
const messageTextRule = {
  selector:
    "CallExpression[callee.property.name=/^(includes|match|startsWith)$/][callee.object.property.name='message']",
  message: 'Decide by error class or code, never by message text.',
};
const impureRules = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time is a parameter here.',
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is a parameter here.' },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Randomness is a parameter here.',
  },
  { selector: "CallExpression[callee.name='randomUUID']", message: 'Ids are parameters here.' },
];
const underTestRule = {
  selector:
    "MemberExpression[property.name=/^(JEST_WORKER_ID|CI)$/], BinaryExpression[left.property.name='NODE_ENV'][right.value='test']",
  message: 'Production code never asks whether it is under test.',
};
const titleRule = {
  selector: 'CallExpression[callee.name=/^(it|test)$/] > Literal.arguments:first-child[value=/\\bshould\\b/i]',
  message: 'Titles are present-tense statements of behaviour.',
};
const sleepRule = {
  selector: 'CallExpression[callee.name=/^(sleep|delay)$/]',
  message: 'Wait for a condition with a deadline (eventually), not for time.',
};
const mockRule = {
  selector: "CallExpression[callee.object.name='jest'][callee.property.name='mock']",
  message: 'Infrastructure is real or a hand-written fake; no jest.mock.',
};

/** Who may import whom; `allow` are regular expressions of imports that the rule leaves alone. */
const boundaries = (allow) => [
  'error',
  {
    allow,
    // Specs of these libs use the builders of `testing`, which knows their types.
    ignoredCircularDependencies: [
      ['domain', 'testing'],
      ['contracts', 'testing'],
    ],
    enforceBuildableLibDependency: false,
    depConstraints: [
      { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:domain', 'type:testing'] },
      {
        sourceTag: 'type:contracts',
        onlyDependOnLibsWithTags: ['type:domain', 'type:contracts', 'type:testing'],
      },
      { sourceTag: 'type:telemetry', onlyDependOnLibsWithTags: ['type:telemetry', 'type:testing'] },
      { sourceTag: 'type:runtime', onlyDependOnLibsWithTags: ['type:telemetry', 'type:runtime', 'type:testing'] },
      {
        sourceTag: 'type:adapter',
        onlyDependOnLibsWithTags: ['type:contracts', 'type:domain', 'type:telemetry', 'type:runtime', 'type:testing'],
      },
      { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:domain', 'type:contracts'] },
      {
        sourceTag: 'type:app',
        onlyDependOnLibsWithTags: [
          'type:adapter',
          'type:contracts',
          'type:domain',
          'type:runtime',
          'type:telemetry',
          'type:testing',
        ],
      },
      { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['*'] },
      { sourceTag: 'scope:signal-generator', notDependOnLibsWithTags: ['resource:redis', 'resource:postgres'] },
      { sourceTag: 'scope:worker', notDependOnLibsWithTags: ['resource:kafka'] },
    ],
  },
];

const specs = ['**/*.spec.ts', '**/test/**/*.ts', 'e2e/**/*.ts', 'libs/testing/**/*.ts'];

export default tseslint.config(
  {
    ignores: ['**/node_modules', 'dist', '.nx', '.local', 'coverage', 'libs/persistence/src/generated', '**/*.d.ts'],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver': { node: { extensions: ['.ts'] } },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': ['error', { maxDepth: 8 }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', environmentRule, messageTextRule, underTestRule],
      '@nx/enforce-module-boundaries': boundaries([]),
    },
  },
  ...['apps', 'libs', 'e2e', 'bench', 'chaos', 'monitoring', 'k8s'].map((root) => ({
    files: [`${root}/**/*.ts`],
    rules: { 'no-restricted-imports': forbidden('') },
  })),
  {
    // They start the system the way `npm start` does, recount it by the same accounting, and simulate parts of the apps.
    files: ['e2e/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(['^(\\.\\./)+(tools|monitoring|apps|libs|chaos)(/|$)']) },
  },
  {
    // The simulation runs the services' own code over ports of its own, in one process.
    files: ['chaos/simulation/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(['^(\\.\\./)+(apps|libs|tools|monitoring)(/|$)']) },
  },
  // The raw ceilings of the benches are the bare clients' own.
  { files: ['bench/*/bare/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  ...homes.map(({ home }) => ({ files: [`${home}/**/*.ts`], rules: { 'no-restricted-imports': forbidden(home) } })),
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/testing/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tripline/testing'], message: 'Only tests import the testing lib.' }] },
      ],
    },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', environmentRule, messageTextRule, underTestRule, ...impureRules] },
  },
  {
    files: [
      'apps/*/src/config.ts',
      'apps/*/src/main.ts',
      'apps/*/src/instrument.ts',
      'apps/*/src/cli/*.ts',
      'libs/*/src/cli/*.ts',
      'libs/runtime/src/config/**',
      'libs/telemetry/src/tracing/**',
    ],
    rules: { 'no-restricted-syntax': ['error', messageTextRule, underTestRule] },
  },
  {
    files: ['apps/*/src/main.ts'],
    rules: { 'max-lines': ['error', { max: 40, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['libs/*/src/index.ts'], rules: { 'max-lines': ['error', { max: 240 }] } },
  {
    files: specs,
    rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': ['error', titleRule, sleepRule, mockRule] },
  },
  {
    files: ['tools/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts', 'monitoring/**/*.ts', 'k8s/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
