// Claims for devices, their templates and classes: selectors compile, and devices are administered from marked namespaces only.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#admin-access
import {
  type DeviceClaim,
  type DeviceClass,
  type FieldError,
  field,
  type Namespace,
  type ResourceClaim,
  type ResourceClaimTemplate,
} from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Strategy } from '../strategy.js';
import { selectorErrors } from './device-selectors.js';

const adminLabel = 'resource.kubernetes.io/admin-access';

type NamespaceOf = (name: string) => Namespace | undefined;

/** The strategies of the kinds that choose devices, by `group/resource`. */
export function deviceStrategies(namespaceOf: NamespaceOf): Readonly<Record<string, Strategy>> {
  const claims = (path: string, claimOf: (object: ApiObject) => DeviceClaim | undefined): Strategy => ({
    returnsDeletedObject: true,
    validate: (object) => {
      const claim = claimOf(object);
      return [...claimErrors(claim, path, new Set()), ...adminErrors(claim, path, namespaceOf(object.metadata.namespace ?? ''))];
    },
    validateUpdate: (object, old) => claimErrors(claimOf(object), path, expressionsOf(claimOf(old))),
  });
  return {
    'resource.k8s.io/resourceclaims': claims('spec.devices', (object) => (object as unknown as ResourceClaim).spec?.devices),
    'resource.k8s.io/resourceclaimtemplates': claims(
      'spec.spec.devices',
      (object) => (object as unknown as ResourceClaimTemplate).spec?.spec?.devices,
    ),
    'resource.k8s.io/deviceclasses': {
      returnsDeletedObject: true,
      validate: (object) => selectorErrors(classSelectors(object), 'spec.selectors', new Set()),
      validateUpdate: (object, old) =>
        selectorErrors(classSelectors(object), 'spec.selectors', new Set(classSelectors(old).flatMap(({ cel }) => cel?.expression ?? []))),
    },
  };
}

const classSelectors = (object: ApiObject) => (object as unknown as DeviceClass).spec?.selectors ?? [];

function claimErrors(claim: DeviceClaim | undefined, path: string, stored: ReadonlySet<string>): FieldError[] {
  return (claim?.requests ?? []).flatMap(({ exactly, firstAvailable }, index) => {
    const at = `${path}.requests[${index}]`;
    return [
      ...selectorErrors(exactly?.selectors, `${at}.exactly.selectors`, stored),
      ...(firstAvailable ?? []).flatMap(({ selectors }, place) => selectorErrors(selectors, `${at}.firstAvailable[${place}].selectors`, stored)),
    ];
  });
}

const expressionsOf = (claim: DeviceClaim | undefined): Set<string> =>
  new Set(
    (claim?.requests ?? [])
      .flatMap(({ exactly, firstAvailable }) => [
        ...(exactly?.selectors ?? []),
        ...(firstAvailable ?? []).flatMap(({ selectors }) => selectors ?? []),
      ])
      .flatMap(({ cel }) => cel?.expression ?? []),
  );

function adminErrors(claim: DeviceClaim | undefined, path: string, namespace: Namespace | undefined): FieldError[] {
  if (namespace?.metadata.labels?.[adminLabel] === 'true') return [];
  return (claim?.requests ?? []).flatMap(({ exactly }, index) =>
    exactly?.adminAccess
      ? [
          field.forbiddenField(
            `${path}.requests[${index}].adminAccess`,
            `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`,
          ),
        ]
      : [],
  );
}
