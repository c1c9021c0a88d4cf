// What is checked of containers: regular, init and ephemeral ones.
import { duplicate, type FieldError, forbiddenField, invalid, notFoundField, required, tooMany } from '../../field-error.js';
import type { Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, EphemeralContainer, PodSpec } from '../../gen/types.js';
import { dns1123LabelErrors, portNameErrors, portNumberErrors } from '../../names.js';
import { forEach, invalidFor, oneOf, requiredOneOf } from '../field-checks.js';
import { envErrors, envFromErrors } from './env-validation.js';
import { lifecycleErrors, type ProbeKind, probeErrors } from './handler-validation.js';
import { devicesErrors, mountsErrors } from './mount-validation.js';
import { containerResourcesErrors } from './resources-validation.js';
import { containerSecurityErrors } from './security-validation.js';

/** What the pod around a container decides about it. */
export interface ContainerPlace {
  readonly spec: PodSpec;
  readonly claimNames: readonly string[];
  /** Pods are checked more closely than the templates of pods. */
  readonly inPod: boolean;
}

const probeKinds: readonly ProbeKind[] = ['livenessProbe', 'readinessProbe', 'startupProbe'];

function commonErrors(container: Container | EphemeralContainer, place: ContainerPlace, path: string): FieldError[] {
  const { name, image = '', terminationMessagePolicy, imagePullPolicy } = container;
  const errors = name ? invalidFor(`${path}.name`, name, dns1123LabelErrors(name)) : [required(`${path}.name`)];
  if (!image) errors.push(required(`${path}.image`));
  else if (place.inPod && image.trim() !== image) errors.push(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  errors.push(
    ...requiredOneOf(`${path}.terminationMessagePolicy`, terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...portsErrors(container.ports, `${path}.ports`),
    ...envErrors(container.env, `${path}.env`),
    ...envFromErrors(container.envFrom, `${path}.envFrom`),
    ...mountsErrors(container, place.spec, `${path}.volumeMounts`),
    ...devicesErrors(container, place.spec, `${path}.volumeDevices`),
    ...requiredOneOf(`${path}.imagePullPolicy`, imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...containerResourcesErrors(container.resources ?? {}, place.claimNames, `${path}.resources`),
    ...resizeErrors(container.resizePolicy, place.spec.restartPolicy, `${path}.resizePolicy`),
    ...containerSecurityErrors(container.securityContext, place.spec.hostUsers !== false, `${path}.securityContext`),
  );
  return errors;
}

function runtimeErrors(container: Container, { spec }: ContainerPlace, path: string): FieldError[] {
  const grace = spec.terminationGracePeriodSeconds;
  const errors = container.lifecycle ? lifecycleErrors(container.lifecycle, grace, `${path}.lifecycle`) : [];
  for (const kind of probeKinds) {
    const probe = container[kind];
    if (probe) errors.push(...probeErrors(probe, kind, grace, `${path}.${kind}`));
  }
  return errors;
}

export function containersErrors(containers: readonly Container[] | undefined | null, place: ContainerPlace, path: string): FieldError[] {
  if (!containers?.length) return [required(path)];
  const names = new Set<string>();
  const errors = forEach(containers, path, (container, at) => {
    const found = commonErrors(container, place, at);
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    return [...found, ...runtimeErrors(container, place, at), ...restartErrors(container, at)];
  });
  return [...errors, ...hostPortConflicts(containers, path)];
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];

function restartErrors({ restartPolicy, restartPolicyRules }: Container, path: string): FieldError[] {
  const errors = oneOf(`${path}.restartPolicy`, restartPolicy, restartPolicies);
  if (!restartPolicyRules?.length) return errors;
  if (restartPolicy === undefined) errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  if (restartPolicyRules.length > 20) errors.push(tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, 20));
  return [...errors, ...forEach(restartPolicyRules, `${path}.restartPolicyRules`, restartRuleErrors)];
}

function restartRuleErrors({ action, exitCodes }: ContainerRestartRule, path: string): FieldError[] {
  const errors = requiredOneOf(`${path}.action`, action, ['Restart']);
  if (!exitCodes) return [...errors, required(`${path}.exitCodes`, 'must be specified')];
  errors.push(...requiredOneOf(`${path}.exitCodes.operator`, exitCodes.operator, ['In', 'NotIn']));
  if (!exitCodes.values?.length) errors.push(required(`${path}.exitCodes.values`, 'must not be empty'));
  return errors;
}

const onlySidecars = 'may not be set for init containers without restartPolicy=Always';

export function initContainersErrors(place: ContainerPlace, path: string): FieldError[] {
  const names = new Set((place.spec.containers ?? []).map(({ name }) => name));
  return forEach(place.spec.initContainers, path, (container, at) => {
    const errors = commonErrors(container, place, at);
    const sidecar = container.restartPolicy === 'Always';
    errors.push(...restartErrors(container, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    errors.push(...hostPortConflicts([container], path));
    if (sidecar) return [...errors, ...runtimeErrors(container, place, at)];
    for (const field of ['lifecycle', ...probeKinds] as const) if (container[field]) errors.push(forbiddenField(`${at}.${field}`, onlySidecars));
    return errors;
  });
}

const notForEphemeral = 'cannot be set for an Ephemeral Container';
const withoutEphemeral = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resizePolicy', 'restartPolicy'] as const;

export function ephemeralContainersErrors(place: ContainerPlace, path: string): FieldError[] {
  const { containers, initContainers, ephemeralContainers } = place.spec;
  const others = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  return forEach(ephemeralContainers, path, (container, at) => {
    const errors = commonErrors(container, { ...place, inPod: true }, at);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFoundField(`${at}.targetContainerName`, target));
    for (const field of withoutEphemeral) if (container[field] !== undefined) errors.push(forbiddenField(`${at}.${field}`, notForEphemeral));
    if (Object.keys(container.resources ?? {}).length > 0) errors.push(forbiddenField(`${at}.resources`, notForEphemeral));
    for (const [index, mount] of (container.volumeMounts ?? []).entries())
      for (const field of ['subPath', 'subPathExpr'] as const)
        if (mount[field]) errors.push(forbiddenField(`${at}.volumeMounts[${index}].${field}`, notForEphemeral));
    return errors;
  });
}

function portsErrors(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return forEach(ports, path, ({ name, containerPort, hostPort, protocol }, at) => {
    const errors: FieldError[] = [];
    if (name) {
      const wrong = portNameErrors(name);
      errors.push(...invalidFor(`${at}.name`, name, wrong));
      if (wrong.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      if (wrong.length === 0) names.add(name);
    }
    if (!containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...invalidFor(`${at}.containerPort`, containerPort, portNumberErrors(containerPort)));
    if (hostPort) errors.push(...invalidFor(`${at}.hostPort`, hostPort, portNumberErrors(hostPort)));
    return [...errors, ...requiredOneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])];
  });
}

function hostPortConflicts(containers: readonly Container[], path: string): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports }, index) =>
    forEach(ports, `${path}[${index}].ports`, ({ protocol, hostIP = '', hostPort }, at) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) return [duplicate(`${at}.hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
}

function resizeErrors(policies: readonly ContainerResizePolicy[] | undefined, podRestartPolicy: string | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return forEach(policies, path, ({ resourceName, restartPolicy }, at) => {
    const errors = seen.has(resourceName) ? [duplicate(at, resourceName)] : [];
    seen.add(resourceName);
    errors.push(...requiredOneOf(path, resourceName, ['cpu', 'memory']), ...requiredOneOf(path, restartPolicy, ['NotRequired', 'RestartContainer']));
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    return errors;
  });
}
