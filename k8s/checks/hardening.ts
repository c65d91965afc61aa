import { nameOf, workloadsOf, type Container, type Manifest, type PodSpec } from './manifest';

/** Our own images; the rules about probes and a read-only disk apply only to these. */
const OWN_IMAGE = /^tripline\//;
/** Seconds a service needs to stop cleanly, with a margin (STOP_DEADLINE_MS is 25000). */
const STOP_SECONDS = 25;

/** The rules of the pod security level "restricted", and our additional rules for every workload. */
export function checkHardening(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap(({ manifest, pod }) =>
    [
      ...podProblems(pod),
      ...pod.containers.flatMap((container) => containerProblems(container, manifest.kind, pod)),
    ].map((problem) => `${nameOf(manifest)}: ${problem}`),
  );
}

function podProblems(pod: PodSpec): string[] {
  const problems: string[] = [];
  if (pod.securityContext?.runAsNonRoot !== true) problems.push('may run as root');
  if (pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault') problems.push('has no seccomp profile');
  if (pod.enableServiceLinks !== false) problems.push('gets variables like KAFKA_PORT from Kubernetes');
  return problems;
}

function containerProblems(container: Container, kind: string, pod: PodSpec): string[] {
  const problems: string[] = [];
  const { securityContext, resources, image } = container;
  if (securityContext?.allowPrivilegeEscalation !== false) problems.push('may gain privileges');
  if (securityContext?.capabilities?.drop?.includes('ALL') !== true) problems.push('keeps capabilities');
  if (!/[:@](?!latest$)[\w.:-]+$/.test(image)) problems.push(`image ${image} names no version`);
  if (resources?.requests?.cpu === undefined) problems.push('requests no CPU');
  if (resources?.requests?.memory === undefined) problems.push('requests no memory');
  if (resources?.limits?.memory === undefined) problems.push('has no memory limit');
  if (OWN_IMAGE.test(image)) {
    if (securityContext?.readOnlyRootFilesystem !== true) problems.push('may write to its own disk');
    if (kind !== 'Job') problems.push(...serviceProblems(container, pod));
  }
  return problems;
}

function serviceProblems(container: Container, pod: PodSpec): string[] {
  const problems: string[] = [];
  if (container.livenessProbe === undefined) problems.push('has no liveness probe');
  if (container.readinessProbe === undefined) problems.push('has no readiness probe');
  const stopSeconds = STOP_SECONDS + (container.lifecycle?.preStop?.sleep?.seconds ?? 0);
  if ((pod.terminationGracePeriodSeconds ?? 0) <= stopSeconds) problems.push('is killed before it can stop by itself');
  return problems;
}
