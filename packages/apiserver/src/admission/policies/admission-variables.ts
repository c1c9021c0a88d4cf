// The variables of expressions in policies and match conditions, and their values for a request.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
import type { KubernetesObject } from '@steersman/api';
import {
  Authorizer,
  authorizerLibrary,
  type DeclaredType,
  dynamicValue,
  ExpressionEnvironment,
  listOf,
  mapOf,
  opaque,
  ownObjectOf,
  scalar,
} from '@steersman/cel';
import { reviewedUser } from '../../authn/user.js';
import type { Authorizer as ServerAuthorizer } from '../../authz/authorizer.js';
import type { AdmissionRequest } from '../admission.js';
import { accessDecision, requestTarget } from './access-checks.js';
import type { MatchedRequest } from './request-matching.js';
import { requestKind } from './request-matching.js';

const text = scalar('string');
const dyn = scalar('dyn');
/** Lists and maps of no known size. */
const many = 1_000_000;
const texts = listOf(text, many);
const textMap = mapOf(text, many);

const namesType = (name: string, last: string): DeclaredType =>
  ownObjectOf(name, [
    ['group', text],
    ['version', text],
    [last, text],
  ]);

const kindType = namesType('kubernetes.GroupVersionKind', 'kind');
const resourceType = namesType('kubernetes.GroupVersionResource', 'resource');

const requestType = ownObjectOf('kubernetes.AdmissionRequest', [
  ['kind', kindType],
  ['resource', resourceType],
  ['subResource', text],
  ['requestKind', kindType],
  ['requestResource', resourceType],
  ['requestSubResource', text],
  ['name', text],
  ['namespace', text],
  ['operation', text],
  [
    'userInfo',
    ownObjectOf('kubernetes.UserInfo', [
      ['username', text],
      ['uid', text],
      ['groups', texts],
      ['extra', mapOf(texts, many)],
    ]),
  ],
  ['dryRun', scalar('bool')],
  ['options', dyn],
]);

const namespaceType = ownObjectOf('kubernetes.Namespace', [
  [
    'metadata',
    ownObjectOf('kubernetes.NamespaceMetadata', [
      ...['name', 'generateName', 'namespace', 'UID', 'resourceVersion'].map((name) => [name, text] as const),
      ['labels', textMap],
      ['annotations', textMap],
      ['creationTimestamp', scalar('timestamp')],
      ['deletionTimestamp', scalar('timestamp')],
      ['deletionGracePeriodSeconds', scalar('int')],
      ['generation', scalar('int')],
      ['finalizers', texts],
    ]),
  ],
  ['spec', ownObjectOf('kubernetes.NamespaceSpec', [['finalizers', texts]])],
  [
    'status',
    ownObjectOf('kubernetes.NamespaceStatus', [
      [
        'conditions',
        listOf(
          ownObjectOf('kubernetes.NamespaceCondition', [
            ...['status', 'type', 'message', 'reason'].map((name) => [name, text] as const),
            ['lastTransitionTime', scalar('timestamp')],
          ]),
          many,
        ),
      ],
      ['phase', text],
    ]),
  ],
]);

const plain = new ExpressionEnvironment({ object: dyn, oldObject: dyn, request: requestType, namespaceObject: namespaceType });
const withParams = new ExpressionEnvironment({ params: dyn }, { parent: plain });

const authorizing = (parent: ExpressionEnvironment): ExpressionEnvironment =>
  new ExpressionEnvironment({ authorizer: opaque('kubernetes.authorization.Authorizer') }, { libraries: [authorizerLibrary], parent });

/** What expressions may refer to; the authorizer is for conditions and validations only. */
export interface AdmissionEnvironments {
  readonly plain: ExpressionEnvironment;
  readonly authorizing: ExpressionEnvironment;
}

const environments = {
  plain: { plain, authorizing: authorizing(plain) },
  withParams: { plain: withParams, authorizing: authorizing(withParams) },
} satisfies Record<string, AdmissionEnvironments>;

export const admissionEnvironments = ({ hasParams }: { hasParams: boolean }): AdmissionEnvironments =>
  hasParams ? environments.withParams : environments.plain;

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
    request: plain.valueOf(requestJson(matched), requestType),
    namespaceObject: plain.valueOf(namespace && namespaceJson(namespace), namespaceType),
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
