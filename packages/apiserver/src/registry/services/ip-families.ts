// The address families of a new service, on a cluster that has one: IPv4. A headless service without a selector has both all
// the same, as others say which addresses it has.
// Mirrors https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
import { type FieldError, field, type ServiceSpec } from '@steersman/api';

/** Fills in the families and their policy; gives back what this cluster does not have. */
export function completeFamilies(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [] } = spec;
  if (!spec.clusterIP && clusterIPs.length > 0)
    return [field.invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified')];
  if (spec.clusterIP && clusterIPs.length === 0) spec.clusterIPs = [spec.clusterIP];
  if (spec.clusterIP === 'None' && !Object.keys(spec.selector ?? {}).length) {
    completeHeadless(spec);
    return [];
  }
  const errors = missingFamilies(spec);
  spec.ipFamilies ??= ['IPv4'];
  if (spec.ipFamilies.length === 1) spec.ipFamilyPolicy ??= 'SingleStack';
  return errors;
}

/** Addresses that are not of the family that is said for them. */
export const mismatchedFamilies = ({ clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] =>
  clusterIPs.flatMap((address, index) => {
    const family = ipFamilies[index];
    const actual = address.includes(':') ? 'IPv6' : 'IPv4';
    if (address === 'None' || !family || family === actual) return [];
    return [field.invalid(`spec.clusterIPs[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)];
  });

function completeHeadless(spec: ServiceSpec): void {
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'RequireDualStack';
  if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1)
    spec.ipFamilies = [...spec.ipFamilies, spec.ipFamilies[0] === 'IPv6' ? 'IPv4' : 'IPv6'];
}

function missingFamilies({ clusterIPs = [], ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  // What does not fit together is for validation to tell.
  if (clusterIPs.length > 2 || clusterIPs.includes('None') || (ipFamilies.length > 1 && ipFamilyPolicy === 'SingleStack')) return [];
  return [
    ...clusterIPs.flatMap((address, index) =>
      address.includes(':') ? [field.invalid(`spec.clusterIPs[${index}]`, clusterIPs, 'IPv6 is not configured on this cluster')] : [],
    ),
    ...ipFamilies.flatMap((family, index) =>
      family === 'IPv6' ? [field.invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')] : [],
    ),
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [field.invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
      : []),
  ];
}
