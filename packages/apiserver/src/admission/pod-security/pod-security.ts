// PodSecurity: the labels of a namespace say how much its pods may do, and what is only warned about.
// Mirrors https://kubernetes.io/docs/concepts/security/pod-security-admission/
import { type FieldError, field, forbidden, invalidObject, type Pod } from '@steersman/api';
import type { Resource } from '../../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from '../admission.js';
import type { Violation } from './check-tools.js';
import { type Level, podSecurityViolations } from './standards.js';

const prefix = 'pod-security.kubernetes.io/';
const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const modes = ['enforce', 'audit', 'warn'] as const;

interface Policy {
  readonly level: Level;
  readonly version: string;
}

type Labels = Readonly<Record<string, string>> | undefined;
type Spec = NonNullable<Pod['spec']>;

function policyOf(labels: Labels, mode: (typeof modes)[number]): Policy {
  const level = labels?.[prefix + mode] ?? 'privileged';
  return { level: (levels.includes(level) ? level : 'privileged') as Level, version: labels?.[`${prefix}${mode}-version`] ?? 'latest' };
}

/** What clients are warned of: never less than what is enforced, unless the namespace says so. */
function warningPolicyOf(labels: Labels): Policy {
  return labels?.[`${prefix}warn`] === undefined ? policyOf(labels, 'enforce') : policyOf(labels, 'warn');
}

const textOf = ({ level, version }: Policy, violations: readonly Violation[]): string =>
  `PodSecurity "${level}:${version}": ${violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')}`;

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: Spec;
}

/** Where kinds that make pods keep the pod's template. */
const templates: Readonly<Record<string, (object: Record<string, never>) => Template | undefined>> = {
  '/podtemplates': (object) => object['template'],
  '/replicationcontrollers': (object) => object['spec']?.['template'],
  'apps/deployments': (object) => object['spec']?.['template'],
  'apps/replicasets': (object) => object['spec']?.['template'],
  'apps/statefulsets': (object) => object['spec']?.['template'],
  'apps/daemonsets': (object) => object['spec']?.['template'],
  'batch/jobs': (object) => object['spec']?.['template'],
  'batch/cronjobs': (object) => object['spec']?.['jobTemplate']?.['spec']?.['template'],
};

/** What happens to a pod without changing what it may do. */
const ignoredSubresources = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

/** Of a pod that is there, only its images, ephemeral containers and old annotations can change what it may do. */
function isSignificant(pod: Pod, old: Pod): boolean {
  const told = ({ metadata, spec }: Pod): string =>
    JSON.stringify([
      Object.entries(metadata.annotations ?? {})
        .filter(([key]) => /^(container\.)?(seccomp\.security\.alpha|apparmor\.security\.beta)\.kubernetes\.io\//.test(key))
        .sort(),
      [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name, image }) => [name, image]),
      spec?.ephemeralContainers?.length ?? 0,
    ]);
  return told(pod) !== told(old);
}

export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity';

  constructor(
    private readonly namespaces: Resource,
    private readonly pods: Resource,
  ) {}

  validate(request: AdmissionRequest): void {
    if (!request.object || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return;
    const { group, resource } = request.resource.definition.info;
    if (concerns(request, '', 'namespaces')) this.checkNamespace(request);
    else if (group === '' && resource === 'pods') {
      if (!ignoredSubresources.has(request.subresource ?? '')) this.checkPod(request);
    } else if (request.subresource === undefined) this.warnOfTemplate(request, templates[`${group}/${resource}`]?.(request.object as never));
  }

  private labelsOf({ namespace }: AdmissionRequest): Labels {
    return this.namespaces.peek(undefined, namespace ?? '')?.object.metadata.labels;
  }

  private checkPod(request: AdmissionRequest): void {
    const { spec, metadata } = request.object as unknown as Pod;
    const labels = this.labelsOf(request);
    if (!spec || (request.old && !isSignificant(request.object as unknown as Pod, request.old as unknown as Pod))) return;
    const enforced = policyOf(labels, 'enforce');
    const violations = podSecurityViolations(enforced, { spec, annotations: metadata.annotations });
    request.context.audit?.annotate(`${prefix}enforce-policy`, `${enforced.level}:${enforced.version}`);
    if (violations.length) throw forbidden(request.resource.groupResource, metadata.name ?? '', `violates ${textOf(enforced, violations)}`);
    this.warnOfTemplate(request, { metadata, spec } as Template);
  }

  private warnOfTemplate(request: AdmissionRequest, { spec, metadata }: Template = {}): void {
    if (!spec) return;
    const checked = { spec, annotations: metadata?.annotations };
    const audited = policyOf(this.labelsOf(request), 'audit');
    const found = request.context.audit ? podSecurityViolations(audited, checked) : [];
    if (found.length) request.context.audit?.annotate(`${prefix}audit-violations`, `would violate ${textOf(audited, found)}`);
    const policy = warningPolicyOf(this.labelsOf(request));
    const violations = podSecurityViolations(policy, checked);
    if (violations.length) request.context.warnings.push(`would violate ${textOf(policy, violations)}`);
  }

  private checkNamespace(request: AdmissionRequest): void {
    const { object, old, context } = request;
    const labels = object?.metadata.labels;
    const name = object?.metadata.name ?? '';
    const errors = labelErrors(labels);
    if (errors.length) throw invalidObject({ group: '', kind: 'Namespace' }, name, errors);
    const policy = policyOf(labels, 'enforce');
    const before = policyOf(old?.metadata.labels, 'enforce');
    if (!old || levels.indexOf(policy.level) <= levels.indexOf(before.level)) return;
    context.warnings.push(...this.warningsOfExisting(name, policy));
  }

  /** Pods that are there already stay; whoever raises the level is told which would not be let in. */
  private warningsOfExisting(namespace: string, policy: Policy): string[] {
    const { level, version } = policy;
    const lines = this.pods.cache.list(namespace).flatMap(({ object }) => {
      const { spec, metadata } = object as unknown as Pod;
      const reasons = spec ? podSecurityViolations(policy, { spec, annotations: metadata.annotations }).map(({ reason }) => reason) : [];
      return reasons.length ? [`${metadata.name}: ${reasons.join(', ')}`] : [];
    });
    return lines.length
      ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${level}:${version}"`, ...lines]
      : [];
  }
}

function labelErrors(labels: Labels): FieldError[] {
  return modes.flatMap((mode) => {
    const level = labels?.[prefix + mode];
    const version = labels?.[`${prefix}${mode}-version`];
    return [
      ...(level !== undefined && !levels.includes(level)
        ? [field.invalid(`metadata.labels[${prefix}${mode}]`, level, `must be one of ${levels.join(', ')}`)]
        : []),
      ...(version !== undefined && !/^(latest|v1\.(0|[1-9]\d*))$/.test(version)
        ? [field.invalid(`metadata.labels[${prefix}${mode}-version]`, version, 'must be "latest" or "v1.x"')]
        : []),
    ];
  });
}
