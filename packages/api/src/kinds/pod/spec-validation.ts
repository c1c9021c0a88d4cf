// What is checked of a pod's spec, in pods and in the templates of pods alike.
import { type FieldError, forbiddenField, invalid, required } from '../../field-error.js';
import type { PodSpec, PodTemplateSpec } from '../../gen/types.js';
import { ipErrors } from '../../ip.js';
import { dns1123LabelErrors, dns1123SubdomainErrors, inRange, patternMessage, qualifiedNameErrors } from '../../names.js';
import { forEach, invalidFor, oneOf, requiredOneOf } from '../field-checks.js';
import { validateAnnotations, validateLabels } from '../object-meta/validation.js';
import { type ContainerPlace, containersErrors, ephemeralContainersErrors, initContainersErrors } from './container-validation.js';
import { containerResourcesErrors, podClaimsErrors, podResourcesErrors } from './resources-validation.js';
import { affinityErrors, schedulingGatesErrors, spreadErrors, tolerationsErrors } from './scheduling-validation.js';
import { operatingSystemErrors, podSecurityErrors } from './security-validation.js';
import { volumesErrors } from './volume-validation.js';

const maxInt32 = 2 ** 31 - 1;

export const validateTemplate = ({ metadata, spec }: Partial<PodTemplateSpec> = {}, path: string): FieldError[] => [
  ...validateLabels(metadata?.labels, `${path}.labels`),
  ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
  ...podSpecErrors(spec ?? { containers: [] }, `${path}.spec`, false),
  ...(spec?.ephemeralContainers?.length
    ? [forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
    : []),
];

export function podSpecErrors(spec: PodSpec, path: string, inPod: boolean): FieldError[] {
  // A spec that was left out altogether has no defaults either: only its containers are missed.
  const absent = !spec.containers?.length && spec.restartPolicy === undefined;
  const claimNames = [...new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean))];
  const place: ContainerPlace = { spec, claimNames, inPod };
  return [
    ...volumesErrors(spec.volumes, `${path}.volumes`),
    ...podClaimsErrors(spec.resourceClaims, `${path}.resourceClaims`),
    ...containersErrors(spec.containers, place, `${path}.containers`),
    ...initContainersErrors(place, `${path}.initContainers`),
    ...ephemeralContainersErrors(place, `${path}.ephemeralContainers`),
    ...podResourcesErrors(spec, claimNames, `${path}.resources`),
    ...hostPortErrors(spec, path, inPod),
    ...(absent ? [] : requiredOneOf(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never'])),
    ...(absent ? [] : requiredOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'])),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...podSecurityErrors(spec.securityContext, spec, `${path}.securityContext`),
    ...affinityErrors(spec.affinity, `${path}.affinity`),
    ...dnsConfigErrors(spec, `${path}.dnsConfig`),
    ...forEach(spec.readinessGates, `${path}.readinessGates`, ({ conditionType }, at) =>
      invalidFor(`${at}.conditionType`, conditionType, qualifiedNameErrors(conditionType)),
    ),
    ...schedulingGatesErrors(spec.schedulingGates, `${path}.schedulingGates`),
    ...spreadErrors(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...hostUsersErrors(spec, path),
    ...namesErrors(spec, path),
    ...tolerationsErrors(spec.tolerations, `${path}.tolerations`),
    ...hostAliasesErrors(spec, `${path}.hostAliases`),
    ...oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
    ...(spec.overhead ? containerResourcesErrors({ limits: spec.overhead }, [], `${path}.overhead`) : []),
    ...operatingSystemErrors(spec, path),
  ];
}

function hostPortErrors({ hostNetwork, containers }: PodSpec, path: string, inPod: boolean): FieldError[] {
  if (!hostNetwork) return [];
  return forEach(containers, `${path}.containers`, ({ ports }, at) =>
    forEach(ports, `${at}.ports`, ({ hostPort = 0, containerPort = 0 }, port) =>
      (inPod || hostPort !== 0) && hostPort !== containerPort
        ? [invalid(`${port}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : [],
    ),
  );
}

const withUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const searchPattern = `${withUnderscore}(\\.${withUnderscore})*`;
const searchRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";

function dnsConfigErrors({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (!dnsConfig.nameservers?.length) return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (!dnsConfig) return [];
  const { nameservers = [], searches = [], options } = dnsConfig;
  const errors: FieldError[] = [];
  if (nameservers.length > 3) errors.push(invalid(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers'));
  errors.push(...forEach(nameservers, `${path}.nameservers`, (server, at) => invalidFor(at, server, ipErrors(server))));
  if (searches.length > 32) errors.push(invalid(`${path}.searches`, searches, 'must not have more than 32 search paths'));
  if (searches.join(' ').length > 2048)
    errors.push(invalid(`${path}.searches`, searches, 'must not have more than 2048 characters (including spaces) in the search list'));
  errors.push(...forEach(searches, `${path}.searches`, searchErrors));
  return [...errors, ...forEach(options, `${path}.options`, ({ name }, at) => (name ? [] : [required(at, 'must not be empty')]))];
}

function searchErrors(search: string, path: string): FieldError[] {
  if (search === '.') return [];
  const name = search.replace(/\.$/, '');
  const errors = name.length > 253 ? [invalid(path, name, 'must be no more than 253 characters')] : [];
  if (new RegExp(`^${searchPattern}$`).test(name)) return errors;
  return [...errors, invalid(path, name, patternMessage(searchRule, searchPattern, 'example.com'))];
}

function hostUsersErrors(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const shared = [
    ['hostNetwork', spec.hostNetwork],
    ['HostPID', spec.hostPID],
    ['HostIPC', spec.hostIPC],
  ] as const;
  return shared.filter(([, set]) => set).map(([name]) => forbiddenField(`${path}.${name}`, 'when `hostUsers` is false'));
}

const subdomains = ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const;

function namesErrors(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of subdomains) if (spec[name]) errors.push(...invalidFor(`${path}.${name}`, spec[name], dns1123SubdomainErrors(spec[name])));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined) errors.push(...invalidFor(`${path}.activeDeadlineSeconds`, deadline, inRange(deadline, 1, maxInt32)));
  for (const name of ['hostname', 'subdomain'] as const)
    if (spec[name]) errors.push(...invalidFor(`${path}.${name}`, spec[name], dns1123LabelErrors(spec[name])));
  return errors;
}

const hostAliasesErrors = ({ hostAliases }: PodSpec, path: string): FieldError[] =>
  forEach(hostAliases, path, ({ ip, hostnames }, at) => [
    ...invalidFor(`${at}.ip`, ip, ipErrors(ip)),
    ...forEach(hostnames, `${at}.hostnames`, (hostname, name) => invalidFor(name, hostname, dns1123SubdomainErrors(hostname))),
  ]);
