// What a pod refers to, as the kubelet of its node may read it: by `resource/namespace/name`.
import type { PersistentVolume, Pod } from '@steersman/api';

type PodSpec = NonNullable<Pod['spec']>;
type Named = { readonly name?: string } | undefined;

export const referenceKey = (resource: string, namespace: string, name: string): string => `${resource}/${namespace}/${name}`;

/** Pods that stand for what a kubelet runs of its own give it no access to anything. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

export function referencesOf({ metadata, spec, status }: Pod): string[] {
  if (!spec || metadata.annotations?.[mirrorAnnotation] !== undefined) return [];
  const namespace = metadata.namespace ?? '';
  const keys = (resource: string, names: readonly (string | undefined)[]): string[] =>
    names.flatMap((name) => (name ? [referenceKey(resource, namespace, name)] : []));
  return [
    ...keys('serviceaccounts', [spec.serviceAccountName]),
    ...keys('secrets', secretNames(spec)),
    ...keys('configmaps', configMapNames(spec)),
    ...keys('persistentvolumeclaims', claimNames(metadata.name ?? '', spec)),
    ...keys('resourceclaims', [
      ...(spec.resourceClaims ?? []).map(({ resourceClaimName }) => resourceClaimName),
      ...(status?.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => resourceClaimName),
      status?.extendedResourceClaimStatus?.resourceClaimName,
    ]),
  ];
}

const containersOf = ({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec): PodSpec['containers'] => [
  ...containers,
  ...initContainers,
  ...ephemeralContainers,
];

const namesOf = (list: readonly Named[]): (string | undefined)[] => list.map((one) => one?.name);

function secretNames(spec: PodSpec): (string | undefined)[] {
  return [
    ...namesOf(spec.imagePullSecrets ?? []),
    ...(spec.volumes ?? []).flatMap((volume) => [
      volume.secret?.secretName,
      volume.azureFile?.secretName,
      ...namesOf((volume.projected?.sources ?? []).map(({ secret }) => secret)),
      ...namesOf([
        volume.cephfs?.secretRef,
        volume.cinder?.secretRef,
        volume.csi?.nodePublishSecretRef,
        volume.flexVolume?.secretRef,
        volume.iscsi?.secretRef,
        volume.rbd?.secretRef,
        volume.scaleIO?.secretRef,
        volume.storageos?.secretRef,
      ]),
    ]),
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...namesOf(env.map(({ valueFrom }) => valueFrom?.secretKeyRef)),
      ...namesOf(envFrom.map(({ secretRef }) => secretRef)),
    ]),
  ];
}

const configMapNames = (spec: PodSpec): (string | undefined)[] => [
  ...(spec.volumes ?? []).flatMap(({ configMap, projected }) =>
    namesOf([configMap, ...(projected?.sources ?? []).map((source) => source.configMap)]),
  ),
  ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) =>
    namesOf([...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef), ...envFrom.map(({ configMapRef }) => configMapRef)]),
  ),
];

/** The claims that a pod names, and those that are made for it. */
export const claimNames = (podName: string, { volumes = [] }: PodSpec): (string | undefined)[] =>
  volumes.map(({ name, persistentVolumeClaim, ephemeral }) => persistentVolumeClaim?.claimName ?? (ephemeral ? `${podName}-${name}` : undefined));

/** The secrets that a volume is attached and mounted with. */
export function volumeSecrets({ spec }: PersistentVolume): string[] {
  const { csi, cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos, azureFile, claimRef } = spec ?? {};
  const references = [
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
    csi?.controllerPublishSecretRef,
    csi?.controllerExpandSecretRef,
    cephfs?.secretRef,
    cinder?.secretRef,
    flexVolume?.secretRef,
    iscsi?.secretRef,
    rbd?.secretRef,
    scaleIO?.secretRef,
    storageos?.secretRef,
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
  ];
  return references.flatMap((one) => (one?.name ? [referenceKey('secrets', one.namespace ?? claimRef?.namespace ?? '', one.name)] : []));
}
