/** Secrets that this repository has published in any version, so anyone knows them. */
const KNOWN_SAMPLES: ReadonlySet<string> = new Set([
  'for-trying-out-only-set-JWT_SECRET-for-real-use',
  'tripline-dev-admin',
  'tripline-dev',
  'a secret of the chaos harness, no one else uses it',
  'a secret of the integration tests, long enough',
  // The placeholder of k8s/base/secret.template.yaml.
  'PASSWORD',
]);

/** Whether the value is a published sample or former default, so that it protects nothing. */
export function isKnownSample(value: string): boolean {
  return KNOWN_SAMPLES.has(value);
}
