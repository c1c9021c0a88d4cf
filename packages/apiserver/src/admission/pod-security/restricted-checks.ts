// What the level restricted forbids a pod beyond the baseline.
// Mirrors https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import { seccompBaseline } from './baseline-checks.js';
import { addedBeyond, type Check, namesWhere, plural, setters, violation } from './check-tools.js';

export const privilegeEscalation: Check = (spec) => {
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  return violation(
    'allowPrivilegeEscalation != false',
    bad.length ? `${plural('container', bad)} must set securityContext.allowPrivilegeEscalation=false` : '',
  );
};

export const capabilitiesRestricted: Check = (spec) => {
  const keeping = namesWhere(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const added = addedBeyond(spec, new Set(['NET_BIND_SERVICE']));
  const parts = [
    ...(keeping.length ? [`${plural('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(added ? [added] : []),
  ];
  return violation('unrestricted capabilities', parts.join('; '));
};

const restrictedVolumeTypes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
]);

export const restrictedVolumes: Check = ({ volumes = [] }) => {
  const typeOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
  const bad = volumes.filter((volume) => !restrictedVolumeTypes.has(typeOf(volume)));
  const types = [...new Set(bad.map(typeOf))].sort();
  const names = bad.map(({ name }) => name);
  return violation(
    'restricted volume types',
    bad.length ? `${plural('volume', names)} ${bad.length === 1 ? 'uses' : 'use'} restricted ${plural('volume type', types)}` : '',
  );
};

export const runAsNonRoot: Check = (spec) => {
  const refusing = setters(spec, spec.securityContext?.runAsNonRoot === false, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (refusing) return violation('runAsNonRoot != true', `${refusing} must not set securityContext.runAsNonRoot=false`);
  if (spec.securityContext?.runAsNonRoot) return undefined;
  const open = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  return violation('runAsNonRoot != true', open.length ? `pod or ${plural('container', open)} must set securityContext.runAsNonRoot=true` : '');
};

export const runAsUser: Check = (spec) => {
  const who = setters(spec, spec.securityContext?.runAsUser === 0, ({ securityContext }) => securityContext?.runAsUser === 0);
  return violation('runAsUser=0', who && `${who} must not set runAsUser=0`);
};

export const seccompRestricted: Check = (spec) => {
  const unconfined = seccompBaseline(spec, {});
  if (unconfined || spec.securityContext?.seccompProfile?.type) return unconfined;
  const open = namesWhere(spec, ({ securityContext }) => !securityContext?.seccompProfile?.type);
  return violation(
    'seccompProfile',
    open.length ? `pod or ${plural('container', open)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` : '',
  );
};
