// Kinds as far as it takes to find their objects, and those that definitions add.
import type { CustomResourceDefinition, ResourceInfo } from '@steersman/api';

/** A kind, built in or custom. */
export type AnyKind = Pick<ResourceInfo, 'group' | 'version' | 'resource' | 'namespaced'>;

/** The kind that a definition defines in one of its versions; undefined where it does not serve that. */
export function customKind({ spec }: CustomResourceDefinition, version?: string): AnyKind | undefined {
  const served = spec.versions.filter((one) => one.served);
  const found = version === undefined ? (served.find(({ storage }) => storage) ?? served[0]) : served.find(({ name }) => name === version);
  return found && { group: spec.group, version: found.name, resource: spec.names.plural, namespaced: spec.scope === 'Namespaced' };
}
