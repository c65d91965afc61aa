import { nameOf, workloadsOf, type Container, type Labels, type Manifest, type PodSpec } from './manifest';

/** The labels by which a Service, a Deployment or a disruption budget selects pods. */
function selectorOf(manifest: Manifest): Labels | undefined {
  const selector = manifest.spec?.selector as { matchLabels?: Labels } | Labels | undefined;
  if (selector === undefined) return undefined;
  return 'matchLabels' in selector ? (selector.matchLabels as Labels) : (selector as Labels);
}

const selects = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Finds dangling names. The API server accepts them, but the pod never starts or never gets traffic. */
export function checkReferences(manifests: readonly Manifest[], external: readonly string[]): string[] {
  const known = new Set([...manifests.map(nameOf), ...external]);
  const workloads = workloadsOf(manifests);
  const problems: string[] = [];
  for (const manifest of manifests) {
    const selector = selectorOf(manifest);
    if (selector === undefined) continue;
    const own = manifest.spec?.template;
    const pods = own === undefined ? workloads : workloads.filter((workload) => workload.manifest === manifest);
    const selected = pods.filter(({ labels }) => selects(selector, labels));
    if (selected.length === 0) problems.push(`${nameOf(manifest)}: selects no pod`);
    const ports = selected.flatMap(({ pod }) => pod.containers.flatMap((container) => container.ports ?? []));
    for (const { targetPort } of manifest.kind === 'Service' ? (manifest.spec?.ports ?? []) : []) {
      if (!ports.some(({ name, containerPort }) => targetPort === name || targetPort === containerPort)) {
        problems.push(`${nameOf(manifest)}: no pod it selects has a port ${targetPort}`);
      }
    }
  }
  for (const { manifest, pod } of workloads) {
    problems.push(...checkPod(pod, known, manifests).map((problem) => `${nameOf(manifest)}: ${problem}`));
  }
  return problems;
}

function checkPod(pod: PodSpec, known: ReadonlySet<string>, manifests: readonly Manifest[]): string[] {
  const volumes = new Set((pod.volumes ?? []).map(({ name }) => name));
  const wanted = [
    ...(pod.serviceAccountName === undefined ? [] : [`ServiceAccount ${pod.serviceAccountName}`]),
    ...(pod.volumes ?? []).flatMap(({ configMap, secret }) => [
      ...(configMap === undefined ? [] : [`ConfigMap ${configMap.name}`]),
      ...(secret === undefined ? [] : [`Secret ${secret.secretName}`]),
    ]),
    ...pod.containers.flatMap(({ envFrom = [] }) => envFrom.map((from) => `ConfigMap ${from.configMapRef?.name}`)),
  ];
  const claims = new Set(claimNames(manifests));
  return [
    ...wanted.filter((name) => !known.has(name)).map((name) => `there is no ${name}`),
    ...pod.containers.flatMap((container) => missingSecretKeys(container, known, manifests)),
    ...pod.containers
      .flatMap(({ volumeMounts = [] }) => volumeMounts)
      .filter(({ name }) => !volumes.has(name) && !claims.has(name))
      .map(({ name }) => `mounts ${name}, which is no volume`),
  ];
}

function claimNames(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap(({ spec }) => {
    const claims = (spec as { volumeClaimTemplates?: readonly { metadata: { name: string } }[] } | undefined)
      ?.volumeClaimTemplates;
    return (claims ?? []).map(({ metadata }) => metadata.name);
  });
}

function missingSecretKeys(container: Container, known: ReadonlySet<string>, manifests: readonly Manifest[]): string[] {
  return (container.env ?? []).flatMap(({ valueFrom }) => {
    const ref = valueFrom?.secretKeyRef;
    if (ref === undefined || ref.optional === true) return [];
    if (!known.has(`Secret ${ref.name}`)) return [`there is no Secret ${ref.name}`];
    const secret = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === ref.name);
    return secret === undefined || ref.key in (secret.data ?? {}) ? [] : [`Secret ${ref.name} has no key ${ref.key}`];
  });
}
