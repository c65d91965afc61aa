/** The three tiers of tests, cheapest first; each is a Jest project of the same name. */
export const TIERS = ['unit', 'int', 'e2e'] as const;
export type Tier = (typeof TIERS)[number];

/** The request of an `npm test` command line. */
export interface TestRequest {
  readonly tiers: readonly Tier[];
  /** Patterns of test paths; an empty list selects all. */
  readonly patterns: readonly string[];
  /** Passed to Jest unchanged (`-t name`, `--verbose`, …): everything from the first word that starts with a dash. */
  readonly jestArgs: readonly string[];
}

/** How long a tier may take before it counts as hanging. */
export const TIER_DEADLINE_MS: Readonly<Record<Tier, number>> = {
  unit: 15 * 60_000,
  int: 45 * 60_000,
  e2e: 90 * 60_000,
};

/** `[tier…] [path pattern…] [-- jest options]`. Pure. */
export function parseRequest(args: readonly string[]): TestRequest {
  const dash = args.findIndex((arg) => arg.startsWith('-'));
  const words = dash < 0 ? args : args.slice(0, dash);
  const rest = dash < 0 ? [] : args.slice(dash);
  const isTier = (word: string): word is Tier => (TIERS as readonly string[]).includes(word);
  const tiers = TIERS.filter((tier) => words.includes(tier));
  return {
    tiers: tiers.length > 0 ? tiers : TIERS,
    patterns: words.filter((word) => !isTier(word)),
    jestArgs: rest[0] === '--' ? rest.slice(1) : rest,
  };
}

/** Unit tests need no server; everything else runs against real ones and the built applications. */
export function needsServers(tiers: readonly Tier[]): boolean {
  return tiers.some((tier) => tier !== 'unit');
}
