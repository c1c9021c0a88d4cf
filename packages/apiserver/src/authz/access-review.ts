// What somebody wants to do, as a SubjectAccessReview puts it.
import { fieldSelectorOf, parseFieldSelector } from '@steersman/api';
import type { Attributes } from './authorizer.js';

/** The requirements of a field selector; none where it cannot be read, so that nothing is taken for narrowed that is not. */
function requirementsOf(selector: string | undefined): object[] {
  if (!selector) return [];
  try {
    return parseFieldSelector(selector).terms.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '=' ? 'In' : 'NotIn',
      values: [value],
    }));
  } catch {
    return [];
  }
}

export function reviewSpecOf(attributes: Attributes): Record<string, unknown> {
  const { name, groups, uid, extra } = attributes.user;
  const who = { user: name, ...(groups.length && { groups }), ...(uid && { uid }), ...(extra && { extra }) };
  if ('path' in attributes) return { nonResourceAttributes: { path: attributes.path, verb: attributes.verb }, ...who };
  const { verb, group, version, resource, subresource, namespace, fieldSelector } = attributes;
  const requirements = requirementsOf(fieldSelector);
  const resourceAttributes = {
    ...(namespace && { namespace }),
    verb,
    ...(group && { group }),
    ...(version && { version }),
    resource,
    ...(subresource && { subresource }),
    ...(attributes.name && { name: attributes.name }),
    ...(requirements.length && { fieldSelector: { requirements } }),
  };
  return { resourceAttributes, ...who };
}

/** The text of one requirement, where it asks for one value. */
export const requirementText = ({ key, operator, values = [] }: { key: string; operator: string; values?: readonly string[] }): string[] =>
  operator === 'In' && values.length === 1 ? [fieldSelectorOf([{ field: key, operator: '=', value: values[0]! }]).text] : [];
