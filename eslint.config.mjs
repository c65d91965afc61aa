import nx from '@nx/eslint-plugin';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Packages that may be imported in one place only: the lib that is their home (PostgreSQL's is two: access, and schema). */
const homes = [
  { home: 'libs/messaging', packages: ['kafkajs', 'snappy', 'lz4-napi'] },
  { home: 'libs/queue', packages: ['bullmq', 'ioredis', 'bullmq-otel'] },
  { home: 'libs/database', also: 'libs/migrations', packages: ['pg', '@prisma/*'] },
  { home: 'libs/telemetry', packages: ['pino', 'pino-pretty', 'prom-client', '@opentelemetry/*'] },
  { home: 'apps/api', packages: ['fastify', 'fastify-type-provider-zod', '@fastify/*', 'jose', '@node-rs/argon2'] },
];

const outsideItsHome = homes.map(({ home, also, packages }) => ({
  group: packages.flatMap((name) => (name.endsWith('/*') ? [name] : [name, `${name}/*`])),
  message: `Only ${home} may import this package; use the exports of that lib.`,
  homes: [home, also],
}));

/**
 * The folders of the root, lowest first: nothing imports from a folder above its own. `monitoring` and `tools` need parts of the
 * apps (their configuration), never the other way round.
 */
const FLOORS = ['libs', 'apps', 'monitoring', 'tools', 'chaos', 'bench', 'e2e'];
const above = (root) =>
  FLOORS.slice(FLOORS.indexOf(root) + 1).map((upper) => ({
    group: [`../**/${upper}/**`],
    message: `${root}/ must not import from ${upper}/: move shared code down.`,
  }));

const forbidden = (ownHome, root = ownHome.split('/')[0]) => [
  'error',
  {
    patterns: [
      ...(FLOORS.includes(root) ? above(root) : []),
      ...outsideItsHome
        .filter(({ homes }) => !homes.includes(ownHome))
        .map(({ group, message }) => ({ group, message })),
      { group: ['@tripline/*/*'], message: 'Import the lib through its index.' },
    ],
  },
];

const environmentRule = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Read the environment only in src/config.ts, through parseConfig.',
};
/** An error's text: `error.message`, also with `?.`, and `String(error)`. */
const ERROR_TEXT = [
  "MemberExpression[property.name='message'][object.name=/^(e|err|error|cause|reason|thrown|failure)$/]",
  "CallExpression[callee.name='String'] > Identifier[name=/^(e|err|error|cause|reason|thrown|failure)$/]",
];
const messageTextRule = {
  selector: [
    // error.message.includes('…')
    "CallExpression[callee.property.name=/^(includes|match|matchAll|startsWith|endsWith|indexOf|search)$/][callee.object.property.name='message']",
    // String(error).includes('…')
    "CallExpression[callee.property.name=/^(includes|match|matchAll|startsWith|endsWith|indexOf|search)$/][callee.object.callee.name='String']",
    // /…/.test(error.message), TEXTS.has(error.message), /…/.exec(String(error))
    ...ERROR_TEXT.map(
      (text) => `CallExpression[callee.property.name=/^(test|exec|has|get|includes)$/] > ${text}.arguments`,
    ),
    `CallExpression[callee.property.name=/^(test|exec)$/] > CallExpression.arguments[callee.name='String']`,
    // error.message === '…'
    `BinaryExpression[operator=/^[!=]==?$/] > ${ERROR_TEXT[0]}`,
  ].join(', '),
  message: 'Decide by error class or code, never by message text.',
};
const impureRules = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Pass the time as a parameter.',
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Pass the time as a parameter.' },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Pass randomness as a parameter.',
  },
  { selector: "CallExpression[callee.name='randomUUID']", message: 'Pass ids as parameters.' },
];
const underTestRule = {
  selector:
    "MemberExpression[property.name=/^(JEST_WORKER_ID|CI)$/], BinaryExpression[left.property.name='NODE_ENV'][right.value='test']",
  message: 'Production code must not check whether it is under test.',
};
const titleRule = {
  selector: 'CallExpression[callee.name=/^(it|test)$/] > Literal.arguments:first-child[value=/\\bshould\\b/i]',
  message: 'Write titles as present-tense statements of behaviour.',
};
const sleepRule = {
  selector: 'CallExpression[callee.name=/^(sleep|delay)$/]',
  message: 'Wait for a condition with a deadline (eventually) instead of sleeping.',
};
const mockRule = {
  selector: "CallExpression[callee.object.name='jest'][callee.property.name='mock']",
  message: 'Use real infrastructure or a hand-written fake instead of jest.mock.',
};

/** The pure libs of the domain, lowest first: each may import those before it. */
const FIELDS = ['indicators', 'market', 'trading', 'risk', 'triggers', 'agents', 'matching', 'decisions'];
/** Fields that need nothing of some that stand below them. */
const SIDEWAYS = { matching: ['agents'], decisions: ['agents', 'matching'], trading: ['indicators'] };
/** The stores over PostgreSQL, lowest first: each may import those before it. */
const STORES = ['database', 'migrations', 'paging', 'user', 'pipeline', 'trading', 'execution', 'decision'];

/** One rule per rung of a ladder: a project may import what stands below it, except for its neighbours by `without`. */
const ladder = (prefix, names, always, without = {}) =>
  names.map((name, rung) => ({
    sourceTag: `${prefix}:${name}`,
    onlyDependOnLibsWithTags: [
      ...names
        .slice(0, rung + 1)
        .filter((below) => !(without[name] ?? []).includes(below))
        .map((below) => `${prefix}:${below}`),
      ...always,
    ],
  }));

/** Who may import whom; `allow` are regular expressions of imports that the rule leaves alone. */
const boundaries = (allow) => [
  'error',
  {
    allow,
    // Specs use the builders of `testing` and the databases of `store-fixture`, which know the types of the libs under test.
    ignoredCircularDependencies: [
      ...['audit', 'contracts', ...FIELDS].map((lib) => [lib, 'testing']),
      ...STORES.slice(3).map((store) => [`${store}-store`, 'store-fixture']),
      ['database', 'store-fixture'],
      ['migrations', 'store-fixture'],
    ],
    enforceBuildableLibDependency: false,
    depConstraints: [
      ...ladder('field', FIELDS, ['type:testing'], SIDEWAYS),
      { sourceTag: 'field:audit', onlyDependOnLibsWithTags: ['type:domain', 'type:contracts', 'type:testing'] },
      ...ladder('store', STORES, [
        'type:contracts',
        'type:domain',
        'type:telemetry',
        'type:failpoints',
        'type:runtime',
        'type:testing',
        'type:store-fixture',
      ]),
      {
        sourceTag: 'type:store-fixture',
        onlyDependOnLibsWithTags: ['type:store', 'type:domain', 'type:contracts', 'type:testing'],
      },
      {
        sourceTag: 'type:contracts',
        onlyDependOnLibsWithTags: ['type:domain', 'type:contracts', 'type:testing'],
      },
      { sourceTag: 'type:telemetry', onlyDependOnLibsWithTags: ['type:telemetry', 'type:testing'] },
      { sourceTag: 'type:failpoints', onlyDependOnLibsWithTags: ['type:telemetry'] },
      {
        sourceTag: 'type:runtime',
        onlyDependOnLibsWithTags: ['type:telemetry', 'type:failpoints', 'type:runtime', 'type:testing'],
      },
      {
        sourceTag: 'type:adapter',
        onlyDependOnLibsWithTags: [
          'type:contracts',
          'type:domain',
          'type:telemetry',
          'type:failpoints',
          'type:runtime',
          'type:testing',
        ],
      },
      { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:domain', 'type:contracts'] },
      {
        sourceTag: 'type:app',
        onlyDependOnLibsWithTags: [
          'type:adapter',
          'type:store',
          'type:contracts',
          'type:domain',
          'type:failpoints',
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

const specs = ['**/*.spec.ts', '**/test/**/*.ts', 'e2e/**/*.ts', 'libs/{testing,store-fixture}/**/*.ts'];

export default tseslint.config(
  {
    ignores: ['**/node_modules', 'dist', '.nx', '.local', 'coverage', 'libs/database/src/generated', '**/*.d.ts'],
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
    rules: { 'no-restricted-imports': forbidden('', root) },
  })),
  // They set up the servers by the bare clients.
  { files: ['tools/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: above('tools') }] } },
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
  ...homes
    .flatMap(({ home, also = home }) => [home, also])
    .map((home) => ({ files: [`${home}/**/*.ts`], rules: { 'no-restricted-imports': forbidden(home) } })),
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/{testing,store-fixture}/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@tripline/testing', '@tripline/store-fixture'], message: 'Only tests import the testing libs.' },
          ],
        },
      ],
    },
  },
  {
    files: [`libs/{audit,${FIELDS.join(',')}}/src/**/*.ts`],
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
  { files: ['libs/*/src/index.ts'], rules: { 'max-lines': ['error', { max: 120 }] } },
  {
    files: specs,
    rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': ['error', titleRule, sleepRule, mockRule] },
  },
  {
    files: ['tools/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts', 'monitoring/**/*.ts', 'k8s/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', messageTextRule] },
  },
);
