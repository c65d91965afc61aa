/** One check of `npm run check`: a command, and the command that fixes its complaints. */
export interface CheckStep {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Command that fixes a failure; absent when a person must decide. */
  readonly fix?: string;
}

/** Runs a TypeScript tool of this repo. */
const tool = (path: string, ...args: string[]): Pick<CheckStep, 'command' | 'args'> => ({
  command: 'tsx',
  args: [path, ...args],
});

/** The checks of `npm run check`, cheapest first. */
export const CHECK_STEPS: readonly CheckStep[] = [
  { name: 'root is a table of contents', ...tool('tools/check/layout.ts') },
  { name: 'format', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'], fix: 'npm run format' },
  { name: 'types', command: 'tsc', args: ['-p', 'tsconfig.json'] },
  {
    name: 'lint and module boundaries',
    command: 'eslint',
    args: ['--max-warnings', '0', '.'],
    fix: 'npx eslint --fix .',
  },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
  { name: 'generated documents', ...tool('tools/docs/generate.ts', '--check'), fix: 'npx tsx tools/docs/generate.ts' },
  {
    name: 'dashboards are generated',
    ...tool('monitoring/grafana/generate.ts', '--check'),
    fix: 'npx tsx monitoring/grafana/generate.ts',
  },
  { name: 'dashboards, rules, catalogue', ...tool('monitoring/check.ts') },
  { name: 'Kubernetes manifests', ...tool('k8s/check.ts') },
];
