/** The parts of a Kubernetes object that these checks read; the schema check covers the rest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: WorkloadSpec & ServiceSpec;
  readonly data?: Readonly<Record<string, string>>;
}

export interface WorkloadSpec {
  readonly selector?: unknown;
  readonly template?: { readonly metadata?: { readonly labels?: Labels }; readonly spec: PodSpec };
}

export interface ServiceSpec {
  readonly ports?: readonly { readonly targetPort?: string | number }[];
}

export type Labels = Readonly<Record<string, string>>;

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type: string } };
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly env?: readonly { readonly name: string; readonly valueFrom?: { readonly secretKeyRef?: KeyRef } }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly livenessProbe?: unknown;
  readonly readinessProbe?: unknown;
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[] };
  };
}

export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** The name of an object in problems, e.g. `Deployment api`. */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

/** Kinds that create pods: Deployments, StatefulSets and Jobs. */
export function workloadsOf(manifests: readonly Manifest[]): { manifest: Manifest; labels: Labels; pod: PodSpec }[] {
  return manifests.flatMap((manifest) => {
    const template = manifest.spec?.template;
    return template === undefined ? [] : [{ manifest, labels: template.metadata?.labels ?? {}, pod: template.spec }];
  });
}
