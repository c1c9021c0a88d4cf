// Pods, and the pod templates of everything that makes pods.
import type { Container, Pod, PodSpec, PodStatus, PodTemplateSpec } from '../../gen/types.js';
import { roundedToMilli } from '../resource-list.js';
import { containerDefaults } from './container-defaults.js';
import { dropDisabledFields } from './disabled-fields.js';
import { podLevelDefaults } from './pod-level-resources.js';
import { volumeDefaults } from './volume-defaults.js';

export function podDefaults(pod: Pod): void {
  if (pod.status) bothKindsOfAddresses(pod.status);
  const spec = pod.spec;
  if (!spec) return;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const container of containers) requestsFromLimits(container);
  podLevelDefaults(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) for (const container of containers) hostPortsOf(container);
  podSpecDefaults(spec);
}

export const podTemplateDefaults = (template: PodTemplateSpec | undefined | null): void => {
  if (template?.spec) podSpecDefaults(template.spec);
};

/** What a pod gets, and the template of a pod just as much. */
export function podSpecDefaults(spec: PodSpec): void {
  dropDisabledFields(spec);
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.restartPolicy ??= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= 'default-scheduler';
  bothServiceAccountNames(spec);
  roundedToMilli(spec.overhead);
  roundedToMilli(spec.resources?.limits);
  roundedToMilli(spec.resources?.requests);
  for (const volume of spec.volumes ?? []) volumeDefaults(volume);
  for (const container of spec.initContainers ?? []) containerDefaults(container);
  for (const container of spec.containers ?? []) containerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) containerDefaults(container);
}

/** The single addresses are the first of the lists. */
function bothKindsOfAddresses(status: PodStatus): void {
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && status.podIPs?.[0]?.ip) status.podIP = status.podIPs[0].ip;
}

/** The deprecated field always says the same as the one that replaced it. */
export function bothServiceAccountNames(spec: PodSpec): void {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

function requestsFromLimits({ resources }: Container): void {
  if (!resources?.limits) return;
  resources.requests = { ...resources.limits, ...resources.requests };
}

function hostPortsOf({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ??= port.containerPort;
}
