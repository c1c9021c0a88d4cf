// What clients are told of pods and pod templates that are valid, but not what they should be.
import type { Container, EnvVar, ObjectMeta, PodSpec } from '../../gen/types.js';
import { isWhole } from '../resource-list.js';

/** Labels of nodes that have another name now: since when, and which. */
const oldNodeLabels: Readonly<Record<string, readonly [string, string]>> = {
  'beta.kubernetes.io/arch': ['v1.14', 'kubernetes.io/arch'],
  'beta.kubernetes.io/os': ['v1.14', 'kubernetes.io/os'],
  'beta.kubernetes.io/instance-type': ['v1.17', 'node.kubernetes.io/instance-type'],
  'failure-domain.beta.kubernetes.io/region': ['v1.17', 'topology.kubernetes.io/region'],
  'failure-domain.beta.kubernetes.io/zone': ['v1.17', 'topology.kubernetes.io/zone'],
};

const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const containerAppArmor = 'container.apparmor.security.beta.kubernetes.io/';

/** The warnings of a pod, or of the pod template at `path`. */
export function podWarnings(metadata: ObjectMeta | undefined, spec: PodSpec | undefined, path = ''): string[] {
  const at = (field: string): string => (path ? `${path}.${field}` : field);
  if (!spec) return [];
  return [
    ...selectorWarnings(spec, at('spec')),
    ...annotationWarnings(metadata, at('metadata.annotations')),
    ...listWarnings(spec, at('spec')),
    ...containersOf(spec).flatMap(([container, field]) => containerWarnings(container, at(`spec.${field}`))),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${at('spec.terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
  ];
}

function selectorWarnings({ nodeSelector, topologySpreadConstraints }: PodSpec, at: string): string[] {
  const told = (where: string, label: string): string[] => {
    const old = oldNodeLabels[label];
    return old ? [`${where}: deprecated since ${old[0]}; use "${old[1]}" instead`] : [];
  };
  return [
    ...Object.keys(nodeSelector ?? {}).flatMap((label) => told(`${at}.nodeSelector[${label}]`, label)),
    ...(topologySpreadConstraints ?? []).flatMap(({ topologyKey }, index) =>
      told(`${at}.topologySpreadConstraints[${index}].topologyKey`, topologyKey),
    ),
  ];
}

function annotationWarnings(metadata: ObjectMeta | undefined, at: string): string[] {
  return Object.keys(metadata?.annotations ?? {}).flatMap((key) => {
    if (key === podSeccomp || key.startsWith(containerSeccomp))
      return [`${at}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`];
    return key.startsWith(containerAppArmor) ? [`${at}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`] : [];
  });
}

function listWarnings({ hostAliases, imagePullSecrets }: PodSpec, at: string): string[] {
  const addresses = (hostAliases ?? []).map(({ ip }) => ip);
  const secrets = (imagePullSecrets ?? []).map(({ name = '' }) => name);
  return [
    ...addresses.flatMap((ip, index) =>
      addresses.indexOf(ip) < index ? [`${at}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`] : [],
    ),
    ...secrets.flatMap((name, index) => {
      if (!name) return [`${at}.imagePullSecrets[${index}].name: invalid empty name ""`];
      return secrets.indexOf(name) < index ? [`${at}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`] : [];
    }),
  ];
}

const containersOf = ({ initContainers, containers }: PodSpec): [Container, string][] => [
  ...(initContainers ?? []).map((container, index): [Container, string] => [container, `initContainers[${index}]`]),
  ...(containers ?? []).map((container, index): [Container, string] => [container, `containers[${index}]`]),
];

const countedInBytes = ['memory', 'ephemeral-storage'];

/** A variable whose value makes something new of its previous one. */
const buildsOn = ({ name, value = '', valueFrom }: EnvVar): boolean => !valueFrom && value !== `$(${name})` && value.includes(`$(${name})`);

function containerWarnings({ env, ports, resources }: Container, at: string): string[] {
  const names = (env ?? []).map(({ name }) => name);
  const keys = (ports ?? []).map(({ containerPort, protocol, hostIP, hostPort }) => [containerPort, protocol, hostIP, hostPort].join(' '));
  return [
    ...names.flatMap((name, index) =>
      names.indexOf(name) < index && !buildsOn(env![index]!)
        ? [`${at}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`]
        : [],
    ),
    ...keys.flatMap((key, index) =>
      keys.indexOf(key) < index ? [`${at}.ports[${index}]: duplicate port definition with ${at}.ports[${keys.indexOf(key)}]`] : [],
    ),
    ...(['requests', 'limits'] as const).flatMap((list) =>
      countedInBytes.flatMap((name) => {
        const value = resources?.[list]?.[name];
        return value !== undefined && !isWhole(value)
          ? [`${at}.resources.${list}[${name}]: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`]
          : [];
      }),
    ),
  ];
}
