// The variables that expressions in policies and match conditions have, and their types.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
import { type DeclaredType, listOf, mapOf, opaque, ownObjectOf, scalar } from '../declared-type.js';
import { ExpressionEnvironment } from '../expression-environment.js';
import { authorizerLibrary } from '../libraries/authorizer.js';

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

export const admissionRequestType = ownObjectOf('kubernetes.AdmissionRequest', [
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

export const reviewedNamespaceType = ownObjectOf('kubernetes.Namespace', [
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

/** What expressions may refer to; the authorizer is for conditions and validations only. */
export interface AdmissionEnvironments {
  readonly plain: ExpressionEnvironment;
  readonly authorizing: ExpressionEnvironment;
}

/** The types of the objects that a policy is about, as far as they are known. */
export interface AdmissionTypes {
  readonly object: DeclaredType;
  /** Undefined where a policy has no parameters. */
  readonly params?: DeclaredType | undefined;
}

/** What is the same whatever objects a policy is about; requests and namespaces of this environment are known to all others. */
export const plainAdmissionEnvironment = new ExpressionEnvironment({ request: admissionRequestType, namespaceObject: reviewedNamespaceType });

/** Environments where objects are of known types. */
export function typedEnvironments({ object, params }: AdmissionTypes): AdmissionEnvironments {
  const plain = new ExpressionEnvironment({ object, oldObject: object, ...(params && { params }) }, { parent: plainAdmissionEnvironment });
  const authorizer = opaque('kubernetes.authorization.Authorizer');
  return { plain, authorizing: new ExpressionEnvironment({ authorizer }, { libraries: [authorizerLibrary], parent: plain }) };
}

const environments = {
  plain: typedEnvironments({ object: dyn }),
  withParams: typedEnvironments({ object: dyn, params: dyn }),
} satisfies Record<string, AdmissionEnvironments>;

export const admissionEnvironments = ({ hasParams }: { hasParams: boolean }): AdmissionEnvironments =>
  hasParams ? environments.withParams : environments.plain;
