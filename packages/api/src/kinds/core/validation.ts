// What is checked of ConfigMaps, Secrets, claims and other core kinds, and of role bindings.
import { deepEqual } from '../../clone.js';
import { type FieldError, invalid, notSupported, required } from '../../field-error.js';
import type { ClusterRole, LabelSelector, ObjectMeta, PolicyRule, Role, RoleBinding, Subject } from '../../gen/types.js';
import { dns1123SubdomainErrors } from '../../names.js';
import { forEach, goStruct, invalidFor } from '../field-checks.js';
import { validateSelector } from '../selector-validation.js';

export const validateRole = ({ rules }: Role): FieldError[] => (rules ?? []).flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, true));

export const validateClusterRole = ({ rules, aggregationRule }: ClusterRole): FieldError[] => [
  ...(rules ?? []).flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, false)),
  ...(aggregationRule ? aggregationErrors(aggregationRule.clusterRoleSelectors ?? []) : []),
];

function aggregationErrors(selectors: readonly LabelSelector[]): FieldError[] {
  const path = 'aggregationRule.clusterRoleSelectors';
  if (selectors.length === 0) return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return selectors.flatMap((selector, index) => {
    const errors = validateSelector(selector, `${path}[${index}]`);
    return errors.length > 0 ? [...errors, invalid(`${path}[${index}]`, null, 'invalid label selector.')] : [];
  });
}

function ruleErrors({ verbs, nonResourceURLs, apiGroups, resources, resourceNames }: PolicyRule, at: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!verbs?.length) errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs?.length) {
    if (namespaced) errors.push(invalid(`${at}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups?.length || resources?.length || resourceNames?.length)
      errors.push(invalid(`${at}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
    return errors;
  }
  if (!apiGroups?.length) errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources?.length) errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

const subjectKinds = ['ServiceAccount', 'User', 'Group'];

/** A service account has to be in a namespace; in a namespaced binding that need not be said. */
function subjectErrors({ name, kind, namespace, apiGroup = '' }: Subject, at: string, namespaced: boolean): FieldError[] {
  if (!subjectKinds.includes(kind)) return [...(name ? [] : [required(`${at}.name`)]), notSupported(`${at}.kind`, kind, subjectKinds)];
  const group = kind === 'ServiceAccount' ? '' : 'rbac.authorization.k8s.io';
  const errors = name ? [] : [required(`${at}.name`)];
  if (kind === 'ServiceAccount' && name) errors.push(...invalidFor(`${at}.name`, name, dns1123SubdomainErrors(name)));
  if (apiGroup !== group) errors.push(notSupported(`${at}.apiGroup`, apiGroup, [group]));
  if (kind === 'ServiceAccount' && !namespace && !namespaced) errors.push(required(`${at}.namespace`));
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
    const namespaced = roleKinds.length > 1;
    return [...errors, ...forEach(subjects, 'subjects', (subject, at) => subjectErrors(subject, at, namespaced))];
  };

export const validateBindingUpdate = (binding: Binding, old: Binding): FieldError[] =>
  deepEqual(binding.roleRef, old.roleRef) ? [] : [invalid('roleRef', goStruct(binding.roleRef), 'cannot change roleRef')];
