// Who manages the replica count of a workload, seen from its scale subresource, and back.
import { difference, type FieldSet, fieldSetOf, has } from './field-set.js';
import { identityOf, type Manager, type Managers, withManager } from './managers.js';

const scaleVersion = 'autoscaling/v1';
const replicasOfScale = ['f:spec', 'f:replicas'];

/** The managers of the count, as managers of the scale. */
export function managersOfScale(parent: Managers, replicas: readonly string[]): Managers {
  const fields = fieldSetOf(replicasOfScale);
  const owners = [...parent.values()]
    .filter((manager) => has(manager.fields, replicas))
    .map((manager) => ({ ...manager, apiVersion: scaleVersion, fields }));
  return new Map(owners.map((manager) => [identityOf(manager), manager]));
}

/** The managers of the workload after those of its scale have changed. */
export function managersOfParent(
  parent: Managers,
  scale: Managers,
  { apiVersion, replicas }: { apiVersion: string; replicas: readonly string[] },
): Managers {
  const path: FieldSet = fieldSetOf(replicas);
  const added = new Map<string, Manager>([...scale].filter(([, { fields }]) => has(fields, replicasOfScale)));
  let result = parent;
  for (const manager of parent.values()) {
    if (!has(manager.fields, replicas)) continue;
    const kept = added.delete(identityOf({ ...manager, apiVersion: scaleVersion }));
    if (!kept) {
      const rest = new Map(result);
      rest.delete(identityOf(manager));
      result = withManager(rest, { ...manager, fields: difference(manager.fields, path) });
    }
  }
  for (const { time: _, ...manager } of added.values()) result = withManager(result, { ...manager, apiVersion, fields: path });
  return result;
}
