import { checkHardening } from './hardening';
import type { Manifest } from './manifest';
import { checkReferences } from './references';
import { createSchemaCheck } from './schema';

const container = {
  name: 'api',
  image: 'tripline/api:1.0.0',
  ports: [{ name: 'metrics', containerPort: 8001 }],
  livenessProbe: { httpGet: { path: '/health/live', port: 'metrics' } },
  readinessProbe: { httpGet: { path: '/health/ready', port: 'metrics' } },
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
};
const pod = {
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 30,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container],
};
const deployment = (podOverrides: object = {}, containerOverrides: object = {}): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api' },
  spec: {
    selector: { matchLabels: { app: 'api' } },
    template: {
      metadata: { labels: { app: 'api' } },
      spec: { ...pod, ...podOverrides, containers: [{ ...container, ...containerOverrides }] },
    },
  },
});
const service = (app: string, targetPort: string | number): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'api' },
  spec: { selector: { app }, ports: [{ targetPort }] },
});

describe('createSchemaCheck', () => {
  const check = createSchemaCheck();

  it('accepts a valid object', () => {
    expect(check(deployment())).toEqual([]);
  });

  it('rejects a misspelt field, a wrong type, a missing field and an unknown kind', () => {
    expect(check(deployment({ terminationGracePeriod: 30 }))).toEqual([
      'Deployment api: /spec/template/spec must NOT have additional properties (terminationGracePeriod)',
    ]);
    expect(check(deployment({ terminationGracePeriodSeconds: '30s' }))).toEqual([
      'Deployment api: /spec/template/spec/terminationGracePeriodSeconds must be integer',
    ]);
    expect(check({ ...deployment(), spec: {} })).toEqual([
      "Deployment api: /spec must have required property 'selector'",
      "Deployment api: /spec must have required property 'template'",
    ]);
    expect(check({ ...deployment(), apiVersion: 'apps/v1beta1' })[0]).toMatch(/is not in k8s\/schema/);
  });
});

describe('checkReferences', () => {
  it('accepts a service whose pod has its port', () => {
    expect(checkReferences([deployment(), service('api', 'metrics')], [])).toEqual([]);
  });

  it.each<[string, Manifest[], string]>([
    ['a selector that matches no pod', [deployment(), service('apo', 8001)], 'Service api: selects no pod'],
    [
      'a port that no selected pod has',
      [deployment(), service('api', 80)],
      'Service api: no pod it selects has a port 80',
    ],
    [
      'a missing service account',
      [deployment({ serviceAccountName: 'ghost' })],
      'Deployment api: there is no ServiceAccount ghost',
    ],
    [
      'a missing volume',
      [deployment({}, { volumeMounts: [{ name: 'tmp' }] })],
      'Deployment api: mounts tmp, which is no volume',
    ],
    [
      'a missing secret',
      [deployment({}, { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'A' } } }] })],
      'Deployment api: there is no Secret keys',
    ],
  ])('rejects %s', (_, manifests, problem) => {
    expect(checkReferences(manifests, [])).toContain(problem);
  });
});

describe('checkHardening', () => {
  it('accepts a workload that keeps every rule', () => {
    expect(checkHardening([deployment()])).toEqual([]);
  });

  it.each<[string, Manifest, string]>([
    ['root', deployment({ securityContext: {} }), 'Deployment api: may run as root'],
    [
      'an image without a version',
      deployment({}, { image: 'tripline/api' }),
      'Deployment api: image tripline/api names no version',
    ],
    [
      'an image called latest',
      deployment({}, { image: 'tripline/api:latest' }),
      'Deployment api: image tripline/api:latest names no version',
    ],
    ['no memory limit', deployment({}, { resources: {} }), 'Deployment api: has no memory limit'],
    ['no readiness probe', deployment({}, { readinessProbe: undefined }), 'Deployment api: has no readiness probe'],
    [
      'a grace period shorter than the stop deadline',
      deployment({ terminationGracePeriodSeconds: 25 }),
      'Deployment api: is killed before it can stop by itself',
    ],
    [
      'a grace period that preStop uses up',
      deployment({}, { lifecycle: { preStop: { sleep: { seconds: 5 } } } }),
      'Deployment api: is killed before it can stop by itself',
    ],
  ])('rejects %s', (_, manifest, problem) => {
    expect(checkHardening([manifest])).toContain(problem);
  });
});
