// Names of resources: which are standard, for containers and for quotas, and what their quantities have to be.
import { type FieldError, invalid } from '../field-error.js';
import { qualifiedNameErrors } from '../names.js';
import { compareQuantities, parseQuantity } from '../quantity.js';
import { invalidFor } from './field-checks.js';

const computeResources = new Set(['cpu', 'memory', 'ephemeral-storage']);
const otherStandard = [
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
];
const countedObjects = ['pods', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'resourcequotas'];
const countedServices = ['services.nodeports', 'services.loadbalancers'];
const standard = new Set([...computeResources, ...otherStandard, ...countedObjects, ...countedServices]);
const integers = new Set([...countedObjects, ...countedServices]);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
export const isExtended = (name: string): boolean => name.includes('/') && !/^([^/]*\.)?kubernetes\.io\//.test(name) && !name.startsWith('requests.');
export const isInteger = (name: string): boolean => integers.has(name) || isExtended(name);
export const isStandardForContainers = (name: string): boolean => computeResources.has(name) || isHugePages(name);
export const isStandardForQuota = (name: string): boolean =>
  (standard.has(name) && name !== 'storage') ||
  isHugePages(name) ||
  isHugePages(name.replace(/^requests\./, '')) ||
  (name.startsWith('count/') && name.length > 6);

/** A name that is standard, or qualified by a domain. */
export function resourceNameErrors(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, qualifiedNameErrors(name));
  if (errors.length > 0) return errors;
  if (name.includes('/') || standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return [];
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export function containerResourceNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (name.includes('/')) {
    const native = /^([^/]*\.)?kubernetes\.io\//.test(name);
    if (!native && name.startsWith('requests.')) errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  } else if (!isStandardForContainers(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'));
  return errors;
}

export const notNegativeQuantity = (path: string, quantity: string): FieldError[] =>
  compareQuantities(quantity, 0) < 0 ? [invalid(path, quantity, 'must be greater than or equal to 0')] : [];

export const positiveQuantity = (path: string, quantity: string): FieldError[] =>
  compareQuantities(quantity, 0) <= 0 ? [invalid(path, quantity, 'must be greater than zero')] : [];

/** A quantity that is not negative, and whole where its resource is counted. */
export function resourceQuantityErrors(name: string, quantity: string, path: string): FieldError[] {
  const errors = notNegativeQuantity(path, quantity);
  if (isInteger(name) && parseQuantity(quantity).nano % 1_000_000_000n !== 0n) errors.push(invalid(path, quantity, 'must be an integer'));
  return errors;
}
