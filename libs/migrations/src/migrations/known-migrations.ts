/**
 * Every migration known to this build, oldest first. Services are bundles without the SQL files, so the names are
 * listed here; known-migrations.spec.ts compares the list with the folder.
 */
export const KNOWN_MIGRATIONS: readonly string[] = [
  '20261121000000_init',
  '20261121064500_halts',
  '20261121064500_user_quotas',
  '20261121064600_pipeline_webhooks',
  '20261121065000_overlap',
  '20261121070000_order_venue',
  '20261121070500_one_active',
  '20261121071000_rule_states',
  '20261121071500_chunk_guards',
  '20261121075500_ledger_retention',
  '20261201040000_signal_owner',
  '20261201040100_user_permissions',
  '20261201050000_venues',
];
