// Which of the names that a definition asks for it gets: those that no other definition of its group has.
import { type ConditionLike, type CustomResourceDefinition, type CustomResourceDefinitionNames, conditionOf, deepEqual } from '@steersman/api';

export interface Naming {
  readonly names: CustomResourceDefinitionNames;
  readonly condition: ConditionLike & { reason: string; message: string };
}

interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function takenBy(others: readonly CustomResourceDefinition[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of others) {
    const names = status?.acceptedNames;
    for (const name of [names?.plural, names?.singular, ...(names?.shortNames ?? [])]) if (name) resources.add(name);
    for (const kind of [names?.kind, names?.listKind]) if (kind) kinds.add(kind);
  }
  return { resources, kinds };
}

/** Decides on the names of a definition, given the others. */
export function acceptNames(definition: CustomResourceDefinition, all: readonly CustomResourceDefinition[]): Naming {
  const wanted = definition.spec.names;
  const had = definition.status?.acceptedNames ?? { plural: '', kind: '' };
  const taken = takenBy(all.filter(({ spec, metadata }) => spec.group === definition.spec.group && metadata.name !== definition.metadata.name));
  const names: CustomResourceDefinitionNames = { ...had };
  let conflict: { reason: string; message: string } | undefined;
  const claim = (field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, used: ReadonlySet<string>): void => {
    const name = wanted[field] ?? '';
    if (name !== (had[field] ?? '') && used.has(name)) conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
    else names[field] = name;
  };
  claim('plural', 'PluralConflict', taken.resources);
  claim('singular', 'SingularConflict', taken.resources);
  const refused = (wanted.shortNames ?? []).filter((name) => !had.shortNames?.includes(name) && taken.resources.has(name));
  if (refused.length)
    conflict = { reason: 'ShortNamesConflict', message: aggregated(refused.map((name) => `${JSON.stringify(name)} is already in use`)) };
  else if (!deepEqual(wanted.shortNames, had.shortNames)) {
    if (wanted.shortNames) names.shortNames = wanted.shortNames;
    else delete names.shortNames;
  }
  claim('kind', 'KindConflict', taken.kinds);
  claim('listKind', 'ListKindConflict', taken.kinds);
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  const condition = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  return { names, condition };
}

const aggregated = (messages: readonly string[]): string => (messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`);

/** Whether the decision is what the definition's status says already. */
export const isSettled = ({ status }: CustomResourceDefinition, { names, condition }: Naming): boolean => {
  const known = conditionOf(status?.conditions ?? [], 'NamesAccepted') as (ConditionLike & { reason?: string; message?: string }) | undefined;
  return (
    deepEqual(status?.acceptedNames, names) &&
    known?.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message
  );
};
