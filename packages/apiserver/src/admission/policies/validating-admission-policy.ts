// ValidatingAdmissionPolicy: expressions decide about requests, as bindings say where and with which parameters.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import { forbidden, type KubernetesObject, StatusError, type ValidatingAdmissionPolicy, type ValidatingAdmissionPolicyBinding } from '@steersman/api';
import { compilePolicy, type PolicyExpressions } from '@steersman/cel';
import type { Authorizer } from '../../authz/authorizer.js';
import type { Registry } from '../../registry/registry.js';
import type { Resource } from '../../registry/resource.js';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js';
import { admissionValues, nameOf } from './admission-variables.js';
import { AuditAnnotations, annotateFailure } from './audit-annotations.js';
import { ConfigurationError, collectParameters } from './parameters.js';
import { type Denial, evaluatePolicy } from './policy-evaluation.js';
import { type MatchedRequest, RequestMatcher } from './request-matching.js';

const group = 'admissionregistration.k8s.io';
/** Nobody can lock himself out of changing policies. */
const exempt = new Set([
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
]);

const codes: Readonly<Record<string, number>> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

interface Refusal {
  readonly message: string;
  readonly reason?: string;
}

interface Invocation {
  readonly request: AdmissionRequest;
  readonly matched: MatchedRequest;
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
  readonly annotations: AuditAnnotations;
}

export class ValidatingAdmissionPolicies implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  private readonly matcher: RequestMatcher;
  private readonly policies: Resource;
  private readonly bindings: Resource;
  private readonly compiled = new WeakMap<object, PolicyExpressions>();

  constructor(
    private readonly registry: Registry,
    private readonly authorizer: Authorizer,
  ) {
    this.matcher = new RequestMatcher(registry);
    this.policies = registry.stored(group, 'validatingadmissionpolicies');
    this.bindings = registry.stored(group, 'validatingadmissionpolicybindings');
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { info } = request.resource.definition;
    const bindings = this.bindings.cache.list();
    if (bindings.length === 0 || (info.group === group && exempt.has(info.resource))) return;
    const refusals: Refusal[] = [];
    for (const { object } of this.policies.cache.list()) {
      const policy = object as unknown as ValidatingAdmissionPolicy;
      const bound = bindings
        .map((binding) => binding.object as unknown as ValidatingAdmissionPolicyBinding)
        .filter(({ spec }) => spec?.policyName === policy.metadata.name);
      if (bound.length) refusals.push(...(await this.refusalsOf(request, policy, bound)));
    }
    const [first] = refusals;
    if (first) throw refused(request, first);
  }

  private async refusalsOf(
    request: AdmissionRequest,
    policy: ValidatingAdmissionPolicy,
    bindings: readonly ValidatingAdmissionPolicyBinding[],
  ): Promise<Refusal[]> {
    const matched = await this.matcher.match(request, policy.spec?.matchConstraints ?? {});
    if (!matched) return [];
    const refusals: Refusal[] = [];
    const annotations = new AuditAnnotations();
    for (const binding of bindings) {
      const criteria = binding.spec?.matchResources;
      if (criteria && !(await this.matcher.match(request, criteria))) continue;
      refusals.push(...(await this.invoke({ request, matched, policy, binding, annotations })));
    }
    annotations.publish(policy.metadata.name ?? '', request.context.audit);
    return refusals;
  }

  private async invoke(invocation: Invocation): Promise<Refusal[]> {
    const { request, policy, binding } = invocation;
    const prefix = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: `;
    try {
      const question = { kind: policy.spec?.paramKind, ref: binding.spec?.paramRef, namespace: request.namespace };
      const parameters = await collectParameters(this.registry, question);
      return parameters.flatMap((params) => this.evaluate(invocation, params).map((one) => ({ ...one, message: prefix + one.message })));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return policy.spec?.failurePolicy === 'Ignore' ? [] : [{ message: `${prefix}failed to configure binding: ${error.message}` }];
    }
  }

  private evaluate({ request, matched, policy, binding, annotations }: Invocation, params: KubernetesObject | undefined): Refusal[] {
    const spec = policy.spec ?? {};
    const namespace = matched.kind.kind === 'Namespace' && matched.kind.group === '' ? undefined : this.matcher.namespaceOf(request);
    const values = admissionValues({ matched, params, namespace, authorizer: this.authorizer });
    const { denials, failures, annotations: made } = evaluatePolicy(spec, this.expressionsOf(policy), values);
    for (const { key, value } of made) annotations.add(key, value);
    const actions = binding.spec?.validationActions ?? [];
    if (actions.includes('Audit')) for (const denial of denials) annotateFailure(request.context.audit, binding, denial);
    if (actions.includes('Warn')) for (const denial of denials) request.context.warnings.push(warningOf(policy, binding, denial));
    return [...(actions.includes('Deny') ? denials : []), ...failures.map((message) => ({ message }))];
  }

  private expressionsOf(policy: ValidatingAdmissionPolicy): PolicyExpressions {
    let expressions = this.compiled.get(policy);
    if (!expressions) {
      expressions = compilePolicy(policy.spec ?? {});
      this.compiled.set(policy, expressions);
    }
    return expressions;
  }
}

const warningOf = (policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, { message }: Denial): string =>
  `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${message}`;

function refused(request: AdmissionRequest, { message, reason = 'Invalid' }: Refusal): StatusError {
  const { status } = forbidden(request.resource.groupResource, nameOf(request), message);
  return new StatusError({
    ...status,
    code: codes[reason] ?? 422,
    reason,
    details: { ...status.details, causes: [{ message }] },
  });
}
