// What is checked of a pod's status when the kubelet (or anyone) reports it.
import { duplicate, type FieldError, forbiddenField, invalid } from '../../field-error.js';
import type { ContainerStatus, Pod, PodStatus } from '../../gen/types.js';
import { ipErrors, parseIp } from '../../ip.js';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../names.js';
import { isSidecar } from '../../pod-resources.js';
import { forEach, goStruct, invalidFor, unchanged } from '../field-checks.js';
import { annotationUpdateErrors } from './annotation-validation.js';

export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const errors = annotationUpdateErrors(pod, old);
  errors.push(
    ...forEach(status.conditions, 'metadata.conditions', ({ type, observedGeneration }, at) => [
      ...(type ? [] : invalidFor(`${at}.type`, type, qualifiedNameErrors(type))),
      ...(observedGeneration !== undefined && observedGeneration < 0
        ? [invalid(`${at}.observedGeneration`, observedGeneration, 'must be a non-negative integer')]
        : []),
    ]),
  );
  if (pod.spec?.nodeName !== old.spec?.nodeName) errors.push(forbiddenField('status.nodeName', 'may not be changed directly'));
  const nominated = status.nominatedNodeName;
  if (nominated && nominated !== before.nominatedNodeName)
    errors.push(...invalidFor('status.nominatedNodeName', nominated, dns1123SubdomainErrors(nominated)));
  errors.push(...unchanged('status.qosClass', status.qosClass, before.qosClass), ...transitionErrors(pod, before));
  if ((status.observedGeneration ?? 0) < 0)
    errors.push(invalid('status.observedGeneration', status.observedGeneration, 'must be a non-negative integer'));
  return [...errors, ...addressesErrors(status.podIPs, 'status.podIPs'), ...hostErrors(status)];
}

/** A container that has ended for good stays so. */
function transitionErrors({ spec, status = {} }: Pod, before: PodStatus): FieldError[] {
  const policy = spec?.restartPolicy ?? 'Always';
  const sidecars = new Set((spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const revived = (list: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses', restarts: string): FieldError[] => {
    if (restarts === 'Always') return [];
    return forEach(before[list], `status.${list}`, (old: ContainerStatus, at) => {
      const ended = old.state?.terminated;
      if (!ended || (ended.exitCode !== 0 && restarts === 'OnFailure') || sidecars.has(old.name)) return [];
      const now = status[list]?.find(({ name }) => name === old.name);
      return now && !now.state?.terminated ? [forbiddenField(`${at}.state`, 'may not be transitioned to non-terminated state')] : [];
    });
  };
  return [...revived('containerStatuses', policy), ...revived('initContainerStatuses', policy), ...revived('ephemeralContainerStatuses', 'Never')];
}

const oneOfEach = 'may specify no more than one IP for each IP family';

function addressesErrors(addresses: readonly { ip: string }[] | undefined, path: string): FieldError[] {
  const list = addresses ?? [];
  const errors = forEach(list, path, ({ ip }, at) => invalidFor(at, ip, ipErrors(ip)));
  if (list.length < 2) return errors;
  const broken = list.findIndex(({ ip }) => !parseIp(ip));
  if (broken >= 0) {
    const why = `failed to check for dual stack with error:invalid IP[${broken}]: ${list[broken]!.ip}`;
    errors.push({ field: path, reason: 'InternalError', message: `Internal error: ${why}` });
  }
  const families = new Set(list.map(({ ip }) => parseIp(ip)?.bytes.length));
  if (broken >= 0 || families.size < 2 || list.length > 2) errors.push(invalid(path, goStruct(list), oneOfEach));
  const seen = new Set<string>();
  for (const [index, address] of list.entries()) {
    if (seen.has(address.ip)) errors.push(duplicate(`${path}[${index}]`, goStruct(address)));
    seen.add(address.ip);
  }
  return errors;
}

function hostErrors({ hostIP, hostIPs }: PodStatus): FieldError[] {
  const first = hostIPs?.[0]?.ip;
  const errors = first !== undefined && hostIP !== first ? [invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')] : [];
  return [...errors, ...addressesErrors(hostIPs, 'status.hostIPs')];
}
