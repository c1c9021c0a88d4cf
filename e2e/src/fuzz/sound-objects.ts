// The least that objects of each kind need to be taken, for others to be made of.

const labels = { app: 'a' };
const podSpec = { containers: [{ name: 'a', image: 'a' }] };
const template = { metadata: { labels }, spec: podSpec };
const workload = { selector: { matchLabels: labels }, template };
const always = { ...template, spec: { ...podSpec, restartPolicy: 'Never' } };
const pathRule = { path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } };

export const crdGroup = 'fuzz.example.com';

const widgetSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 0, maximum: 100, default: 1 },
        ratio: { type: 'number', format: 'double' },
        text: { type: 'string', pattern: '^[a-z]*$', maxLength: 20 },
        when: { type: 'string', format: 'date-time', nullable: true },
        either: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        words: { type: 'array', items: { type: 'string', maxLength: 10 }, 'x-kubernetes-list-type': 'set', maxItems: 10 },
        parts: {
          type: 'array',
          maxItems: 10,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', maxLength: 10 }, count: { type: 'integer', format: 'int32' } },
          },
        },
        byName: { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 5 },
        pod: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
      'x-kubernetes-validations': [{ rule: 'self.size <= 50 || has(self.text)', message: 'large ones have text' }],
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
};

/** The definition of a custom kind whose schema has something of all that schemas can say. */
export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${crdGroup}` },
  spec: {
    group: crdGroup,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: widgetSchema },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
        },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        selectableFields: [{ jsonPath: '.spec.text' }],
      },
    ],
  },
};

const definition = {
  group: 'other.example.com',
  scope: 'Cluster',
  names: { plural: 'things', singular: 'thing', kind: 'Thing' },
  versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } } }],
};

/** What each kind needs beside its metadata. */
export const soundObjects: Readonly<Record<string, object>> = {
  ConfigMap: { data: { a: 'b' } },
  Secret: { data: { a: 'YQ==' } },
  Pod: { spec: podSpec },
  PodTemplate: { template },
  ReplicationController: { spec: { selector: labels, template } },
  Service: { spec: { selector: labels, ports: [{ port: 80 }] } },
  PersistentVolume: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/a' } } },
  PersistentVolumeClaim: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  LimitRange: { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } },
  ResourceQuota: { spec: { hard: { 'count/jobs.batch': '1000' } } },
  Event: { involvedObject: { namespace: 'fuzz' }, reason: 'a' },
  Deployment: { spec: workload },
  ReplicaSet: { spec: workload },
  StatefulSet: { spec: { ...workload, serviceName: 'a' } },
  DaemonSet: { spec: workload },
  ControllerRevision: { revision: 1, data: { a: 1 } },
  Job: { spec: { template: always } },
  CronJob: { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: always } } } },
  HorizontalPodAutoscaler: { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'a', apiVersion: 'apps/v1' } } },
  Ingress: { spec: { rules: [{ http: { paths: [pathRule] } }] } },
  IngressClass: { spec: { controller: 'example.com/a' } },
  NetworkPolicy: { spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] } },
  IPAddress: { spec: { parentRef: { resource: 'services', name: 'a', namespace: 'fuzz' } } },
  ServiceCIDR: { spec: { cidrs: ['10.200.0.0/24'] } },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
  Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ClusterRole: { rules: [{ nonResourceURLs: ['/a'], verbs: ['get'] }] },
  RoleBinding: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'none' }, subjects: [{ kind: 'User', name: 'ann' }] },
  ClusterRoleBinding: {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'none' },
    subjects: [{ kind: 'User', name: 'ann' }],
  },
  PriorityClass: { value: 5 },
  RuntimeClass: { handler: 'a' },
  StorageClass: { provisioner: 'example.com/a' },
  CSIDriver: { spec: {} },
  CSINode: { spec: { drivers: [] } },
  VolumeAttachment: { spec: { attacher: 'a', nodeName: 'a', source: { persistentVolumeName: 'a' } } },
  Lease: { spec: { holderIdentity: 'a', leaseDurationSeconds: 5 } },
  Endpoints: { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ name: '', port: 80 }] },
  CertificateSigningRequest: { spec: { request: 'YQ==', signerName: 'example.com/a', usages: ['digital signature'] } },
  FlowSchema: { spec: { priorityLevelConfiguration: { name: 'global-default' }, matchingPrecedence: 9999, rules: [] } },
  PriorityLevelConfiguration: { spec: { type: 'Exempt' } },
  CustomResourceDefinition: { spec: definition },
  ValidatingAdmissionPolicy: {
    spec: {
      failurePolicy: 'Ignore',
      matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }] },
      validations: [{ expression: 'object.spec.replicas < 500' }],
    },
  },
  ValidatingAdmissionPolicyBinding: { spec: { policyName: 'a', validationActions: ['Audit'] } },
  APIService: {
    spec: { group: 'none.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, service: { name: 'a', namespace: 'fuzz' } },
  },
  DeviceClass: { spec: {} },
  ResourceClaim: { spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'a' } }] } } },
  ResourceClaimTemplate: { spec: { spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'a' } }] } } } },
  ResourceSlice: { spec: { driver: 'a.example.com', nodeName: 'a', pool: { name: 'a', generation: 1, resourceSliceCount: 1 } } },
  Widget: {
    spec: { size: 3, text: 'abc', words: ['a', 'b'], parts: [{ name: 'a', count: 1 }], byName: { x: 1 }, free: { any: [1, { thing: null }] } },
  },
  SubjectAccessReview: { spec: { user: 'ann', resourceAttributes: { verb: 'get', resource: 'pods' } } },
  LocalSubjectAccessReview: { spec: { user: 'ann', resourceAttributes: { namespace: 'fuzz', verb: 'get', resource: 'pods' } } },
  SelfSubjectAccessReview: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
  SelfSubjectRulesReview: { spec: { namespace: 'fuzz' } },
  TokenReview: { spec: { token: 'abc' } },
  Scale: { spec: { replicas: 2 } },
  Binding: { target: { kind: 'Node', name: 'a' } },
  TokenRequest: { spec: { audiences: ['a'], expirationSeconds: 600 } },
};
