// ServiceAccount: pods run as an account of their namespace and get its token, root certificate and namespace as a volume.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
import { forbidden, type Pod, type Random, randomSuffix, type ServiceAccount, type Volume, type VolumeMount } from '@steersman/api';
import { referencesOf } from '../authz/pod-references.js';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';
import { secretsProblem } from './mountable-secrets.js';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const mirrorAnnotation = 'kubernetes.io/config.mirror';

export class ServiceAccountAdmission implements AdmissionPlugin {
  readonly name = 'ServiceAccount';

  constructor(
    private readonly accounts: Resource,
    private readonly random: Random,
  ) {}

  async mutate(request: AdmissionRequest): Promise<void> {
    if (request.operation !== 'CREATE' || !concerns(request, '', 'pods') || !request.object) return;
    const pod = request.object as unknown as Pod;
    const spec = pod.spec;
    if (!spec) return;
    const refuse = (why: string): Error => forbidden({ group: '', resource: 'pods' }, pod.metadata.name ?? '', why);
    if (isMirror(pod)) return;
    spec.serviceAccountName ||= 'default';
    spec.serviceAccount = spec.serviceAccountName;
    const namespace = request.namespace ?? '';
    const account = await this.find(namespace, spec.serviceAccountName);
    if (!account)
      throw refuse(`error looking up service account ${namespace}/${spec.serviceAccountName}: serviceaccount "${spec.serviceAccountName}" not found`);
    if (mountsToken(spec, account)) this.mountToken(spec);
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { resource, subresource, operation, object } = request;
    const { group, resource: name } = resource.definition.info;
    const written = (operation === 'CREATE' && subresource === undefined) || (operation === 'UPDATE' && subresource === 'ephemeralcontainers');
    if (group !== '' || name !== 'pods' || !written || !object) return;
    const pod = object as unknown as Pod;
    const refuse = (why: string): Error => forbidden({ group: '', resource: 'pods' }, pod.metadata.name ?? '', why);
    if (isMirror(pod)) {
      const problem = mirrorProblem(pod);
      if (problem) throw refuse(problem);
      return;
    }
    const account = pod.spec && (await this.find(request.namespace ?? '', pod.spec.serviceAccountName ?? ''));
    const problem = account && secretsProblem(pod.spec!, account);
    if (problem) throw refuse(problem);
  }

  private async find(namespace: string, name: string): Promise<ServiceAccount | undefined> {
    const cached = this.accounts.peek(namespace, name);
    if (cached) return cached.object as unknown as ServiceAccount;
    await this.accounts.feed.caughtUp();
    return this.accounts.peek(namespace, name)?.object as unknown as ServiceAccount | undefined;
  }

  private mountToken(spec: NonNullable<Pod['spec']>): void {
    const existing = spec.volumes?.find(({ name }) => name.startsWith('kube-api-access-'));
    const name = existing?.name ?? `kube-api-access-${randomSuffix(this.random)}`;
    let used = false;
    for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue;
      const mount: VolumeMount = { name, readOnly: true, mountPath };
      container.volumeMounts = [...(container.volumeMounts ?? []), mount];
      used = true;
    }
    if (used && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
  }
}

const mountsToken = (spec: NonNullable<Pod['spec']>, account: ServiceAccount): boolean =>
  spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
    defaultMode: 420,
  },
});

const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[mirrorAnnotation] !== undefined;

/** What a pod that a kubelet runs by itself may not refer to. */
function mirrorProblem({ metadata, spec }: Pod): string | undefined {
  if (spec?.serviceAccountName) return 'a mirror pod may not reference service accounts';
  const { [mirrorAnnotation]: _, ...annotations } = metadata.annotations ?? {};
  const references = referencesOf({ metadata: { ...metadata, annotations }, ...(spec && { spec }) } as Pod);
  if (references.some((key) => key.startsWith('secrets/'))) return 'a mirror pod may not reference secrets';
  const projects = spec?.volumes?.some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken));
  return projects ? 'a mirror pod may not use ServiceAccountToken volume projections' : undefined;
}
