// The values of the variables that expressions in policies and match conditions have, for a request.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
import type { KubernetesObject } from '@steersman/api';
import { Authorizer, admissionRequestType, dynamicValue, plainAdmissionEnvironment, reviewedNamespaceType } from '@steersman/cel';
import { reviewedUser } from '../../authn/user.js';
import type { Authorizer as ServerAuthorizer } from '../../authz/authorizer.js';
import type { AdmissionRequest } from '../admission.js';
import { accessDecision, requestTarget } from './access-checks.js';
import type { MatchedRequest } from './request-matching.js';
import { requestKind } from './request-matching.js';

export interface ValueSources {
  readonly matched: MatchedRequest;
  readonly params?: KubernetesObject | undefined;
  readonly namespace?: KubernetesObject | undefined;
  readonly authorizer: ServerAuthorizer;
}

/** The values of all variables for one request. */
export function admissionValues({ matched, params, namespace, authorizer }: ValueSources): Record<string, unknown> {
  const { request } = matched;
  return {
    object: dynamicValue(matched.object ?? null),
    oldObject: dynamicValue(matched.old ?? null),
    request: plainAdmissionEnvironment.valueOf(requestJson(matched), admissionRequestType),
    namespaceObject: plainAdmissionEnvironment.valueOf(namespace && namespaceJson(namespace), reviewedNamespaceType),
    params: dynamicValue(params ?? null),
    authorizer: new Authorizer(accessDecision(authorizer, request), requestTarget(request)),
  };
}

function requestJson(matched: MatchedRequest): unknown {
  const { request } = matched;
  const { user, subresource, operation, dryRun } = request;
  const name = nameOf(request);
  const { group, version, resource } = request.resource.definition.info;
  return {
    kind: matched.kind,
    resource: matched.resource,
    ...(subresource && { subResource: subresource, requestSubResource: subresource }),
    requestKind: requestKind(request),
    requestResource: { group, version, resource },
    ...(name && { name }),
    ...(request.namespace && { namespace: request.namespace }),
    operation,
    userInfo: reviewedUser(user),
    dryRun,
    options: {},
  };
}

export const nameOf = ({ name, object }: AdmissionRequest): string => name ?? object?.metadata?.name ?? '';

function namespaceJson(namespace: KubernetesObject): unknown {
  const { metadata = {} } = namespace;
  const { uid, ...rest } = metadata;
  return { ...namespace, metadata: { ...rest, UID: uid } };
}
