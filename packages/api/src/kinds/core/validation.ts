// What is checked of ConfigMaps, Secrets, claims and other core kinds, and of role bindings.
import { deepEqual } from '../../clone.js';
import { type FieldError, invalid, notSupported, required } from '../../field-error.js';
import type { ObjectMeta, PolicyRule, Role, RoleBinding } from '../../gen/types.js';

export const validateRole = ({ rules }: Role): FieldError[] => (rules ?? []).flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, true));

export const validateClusterRole = ({ rules }: { rules?: PolicyRule[] }): FieldError[] =>
  (rules ?? []).flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, false));

function ruleErrors({ verbs, nonResourceURLs, apiGroups, resources }: PolicyRule, at: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!verbs?.length) errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs?.length) {
    if (namespaced) errors.push(invalid(`${at}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups?.length || resources?.length)
      errors.push(invalid(`${at}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
    return errors;
  }
  if (!apiGroups?.length) errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources?.length) errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

interface Binding extends Pick<RoleBinding, 'roleRef' | 'subjects'> {
  metadata: ObjectMeta;
}

export const bindingRule =
  (roleKinds: readonly string[]) =>
  ({ roleRef, subjects }: Binding): FieldError[] => {
    const errors: FieldError[] = [];
    if (roleRef?.apiGroup !== 'rbac.authorization.k8s.io')
      errors.push(notSupported('roleRef.apiGroup', roleRef?.apiGroup ?? '', ['rbac.authorization.k8s.io']));
    if (!roleKinds.includes(roleRef?.kind))
      errors.push({
        field: 'roleRef.kind',
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify(roleRef?.kind ?? '')}: supported values: ${roleKinds.map((one) => JSON.stringify(one)).join(', ')}`,
      });
    if (!roleRef?.name) errors.push(required('roleRef.name'));
    (subjects ?? []).forEach(({ name, kind, namespace }, index) => {
      if (!name) errors.push(required(`subjects[${index}].name`));
      if (kind === 'ServiceAccount' && !namespace) errors.push(required(`subjects[${index}].namespace`));
    });
    return errors;
  };

export const validateBindingUpdate = (binding: Binding, old: Binding): FieldError[] =>
  deepEqual(binding.roleRef, old.roleRef) ? [] : [invalid('roleRef', binding.roleRef, 'cannot change roleRef')];
