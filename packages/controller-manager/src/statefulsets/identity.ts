// What a pod of a stateful set is called, and how it and its claims are made from the set.
import type { PersistentVolumeClaim, Pod, PodSpec, PodTemplateSpec, StatefulSet } from '@steersman/api';
import { revisionHashLabel } from '../history/controller-history.js';
import { podFromTemplate } from '../pods/pod-control.js';

export const firstOrdinalOf = ({ spec }: StatefulSet): number => spec?.ordinals?.start ?? 0;

export const podNameOf = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The ordinal of a pod, if its name is one that the set gives. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(metadata.name ?? '');
  return match?.[1] === set.metadata.name ? Number(match?.[2]) : undefined;
}

export const claimNameOf = (set: StatefulSet, template: string, ordinal: number): string => `${template}-${podNameOf(set, ordinal)}`;

/** The claims of one ordinal, as they are created. */
export function claimsOf(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimNameOf(set, metadata?.name ?? '', ordinal),
      namespace: set.metadata.namespace ?? '',
      labels: { ...metadata?.labels, ...set.spec?.selector?.matchLabels },
      ...(metadata?.annotations && { annotations: metadata.annotations }),
    },
    ...(spec && { spec }),
  }));
}

export interface PodOf {
  readonly ordinal: number;
  readonly template: PodTemplateSpec;
  readonly revision: string;
}

export function podOf(set: StatefulSet, { ordinal, template, revision }: PodOf): Pod {
  const name = podNameOf(set, ordinal);
  return podFromTemplate(set, template, {
    name,
    labels: { 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': `${ordinal}`, [revisionHashLabel]: revision },
    change: (spec) => withIdentity(set, spec, ordinal),
  });
}

function withIdentity(set: StatefulSet, spec: PodSpec, ordinal: number): PodSpec {
  const claims = (set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? '');
  const mounted = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: claimNameOf(set, name, ordinal) } }));
  const others = (spec.volumes ?? []).filter(({ name }) => !claims.includes(name));
  const volumes = [...mounted, ...others] as NonNullable<PodSpec['volumes']>;
  return {
    ...spec,
    hostname: podNameOf(set, ordinal),
    ...(set.spec?.serviceName && { subdomain: set.spec.serviceName }),
    ...(volumes.length && { volumes }),
  };
}
