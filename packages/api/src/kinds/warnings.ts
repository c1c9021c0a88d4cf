// What clients are told of valid objects, by kind.
import { deepEqual } from '../clone.js';
import type { EndpointSlice, ObjectMeta, PodSpec, Secret, ServiceAccount } from '../gen/types.js';
import { dns1123LabelErrors } from '../names.js';
import type { KubernetesObject } from '../resource-info.js';
import { podWarnings } from './pod/warnings.js';

type Warnings = (object: KubernetesObject, old: KubernetesObject | undefined) => string[];

interface Template {
  metadata?: ObjectMeta;
  spec?: PodSpec;
}

const entry = <T>(warnings: (object: T, old: T | undefined) => string[]): Warnings => warnings as unknown as Warnings;

/** Names that become part of host names had better be labels. */
const nameWarnings = ({ metadata }: KubernetesObject, use: string): string[] => {
  const errors = dns1123LabelErrors(metadata?.name ?? '');
  return errors.length === 0
    ? []
    : [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${errors.join(' ')}]`];
};

const pods: Warnings = (object, old) => {
  const { metadata, spec } = object as Template;
  if (old) return deepEqual(spec, (old as Template).spec) ? [] : podWarnings(metadata, spec);
  return [...nameWarnings(object, "the Pod's hostname"), ...podWarnings(metadata, spec)];
};

interface Workload {
  spec?: { template?: Template; jobTemplate?: { spec?: { template?: Template } } };
}

/** Kinds with a pod template; those whose name becomes part of their pods' say so when they are made. */
const workloads =
  (named: boolean): Warnings =>
  (object, old) => {
    const { spec } = object as Workload;
    if (old && deepEqual(spec, (old as Workload).spec)) return [];
    const [template, path] = spec?.jobTemplate
      ? [spec.jobTemplate.spec?.template, 'spec.jobTemplate.spec.template']
      : [spec?.template, 'spec.template'];
    return [...(named && !old ? nameWarnings(object, 'Pod names and hostnames') : []), ...podWarnings(template?.metadata, template?.spec, path)];
  };

const mountableSecrets = 'kubernetes.io/enforce-mountable-secrets';

function serviceAccount({ metadata }: ServiceAccount, old: ServiceAccount | undefined): string[] {
  const value = metadata.annotations?.[mountableSecrets];
  if (value === undefined || value === old?.metadata.annotations?.[mountableSecrets]) return [];
  return [`metadata.annotations[${mountableSecrets}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`];
}

function secret({ type, data }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const hasPem = (name: string): boolean => /-----BEGIN [^-]+-----/.test(Buffer.from(data?.[name] ?? '', 'base64').toString());
  if (!hasPem('tls.crt')) return ['tls: failed to find any PEM data in certificate input'];
  return hasPem('tls.key') ? [] : ['tls: failed to find any PEM data in key input'];
}

const byKind: Readonly<Record<string, Warnings>> = {
  'v1/Pod': pods,
  'v1/Secret': entry(secret),
  'v1/ServiceAccount': entry(serviceAccount),
  'v1/ReplicationController': workloads(true),
  'apps/v1/Deployment': workloads(true),
  'apps/v1/ReplicaSet': workloads(true),
  'apps/v1/StatefulSet': workloads(true),
  'apps/v1/DaemonSet': workloads(false),
  'batch/v1/Job': workloads(true),
  'batch/v1/CronJob': workloads(true),
  'discovery.k8s.io/v1/EndpointSlice': entry(({ addressType }: EndpointSlice) =>
    addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [],
  ),
};

/** The warnings that an object comes with, when it is made or changed. */
export const warningsOf = (apiVersion: string, kind: string, object: KubernetesObject, old?: KubernetesObject): string[] =>
  byKind[`${apiVersion}/${kind}`]?.(object, old) ?? [];
