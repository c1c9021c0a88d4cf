// May somebody do something: SubjectAccessReview, and its forms for oneself and for one namespace.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
import { type FieldError, field, invalidObject, type SubjectAccessReview } from '@steersman/api';
import type { UserInfo } from '../authn/user.js';
import { requirementText } from '../authz/access-review.js';
import type { Attributes, Authorizer } from '../authz/authorizer.js';
import type { Review } from './review.js';

type Spec = SubjectAccessReview['spec'];

/** The attributes as upstream's messages show them. */
const shown = ({ path = '', verb = '' }: NonNullable<Spec['nonResourceAttributes']>): object => ({ Path: path, Verb: verb });

function checkAttributes({ resourceAttributes, nonResourceAttributes }: Spec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes)
    return [field.invalid('spec.nonResourceAttributes', shown(nonResourceAttributes), 'cannot be specified in combination with resourceAttributes')];
  if (!resourceAttributes && !nonResourceAttributes)
    return [field.invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
  return [...checkSelector(resourceAttributes?.fieldSelector, 'fieldSelector'), ...checkSelector(resourceAttributes?.labelSelector, 'labelSelector')];
}

type Attribute = NonNullable<Spec['resourceAttributes']>;

/** A selector is given as a text or as requirements. */
function checkSelector(selector: Attribute['fieldSelector'] | Attribute['labelSelector'], name: string): FieldError[] {
  if (!selector) return [];
  const at = `spec.resourceAttributes.${name}`;
  const { rawSelector, requirements = [] } = selector;
  if (rawSelector && requirements.length)
    return [field.invalid(`${at}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')];
  if (!rawSelector && !requirements.length)
    return [field.required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`)];
  return requirements.flatMap(({ key }, index) => (key ? [] : [field.required(`${at}.requirements[${index}].key`, 'must be specified')]));
}

const checkSubject = ({ user, groups }: Spec): FieldError[] =>
  user || groups?.length ? [] : [field.invalid('spec.user', '', 'at least one of user or group must be specified')];

function checkNamespace({ resourceAttributes, nonResourceAttributes }: Spec, namespace: string): FieldError[] {
  return [
    ...(resourceAttributes && resourceAttributes.namespace !== namespace
      ? [field.invalid('spec.resourceAttributes.namespace', resourceAttributes.namespace ?? '', 'must match metadata.namespace')]
      : []),
    ...(nonResourceAttributes
      ? [field.invalid('spec.nonResourceAttributes', shown(nonResourceAttributes), 'disallowed on this kind of request')]
      : []),
  ];
}

function reject(errors: readonly FieldError[]): void {
  if (!errors.length) return;
  const error = invalidObject({ group: 'authorization.k8s.io', kind: '' }, '', errors);
  const { kind: _, ...details } = error.status.details ?? {};
  error.status.details = details;
  throw error;
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: Spec, user: UserInfo): Attributes {
  if (!resourceAttributes) return { user, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' };
  const { verb = '', group = '', version = '', resource = '', subresource, namespace, name } = resourceAttributes;
  const fieldSelector = selectorText(resourceAttributes.fieldSelector);
  return {
    ...(fieldSelector && { fieldSelector }),
    user,
    verb,
    group,
    version,
    resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
  };
}

/** A field selector as its text; requirements that have no such form select nothing that could be relied on. */
const selectorText = (selector: Attribute['fieldSelector']): string =>
  selector?.rawSelector || (selector?.requirements ?? []).flatMap(requirementText).join(',');

async function statusOf(authorizer: Authorizer, attributes: Attributes): Promise<object> {
  await authorizer.prepare?.(attributes);
  const { allowed, denied, reason } = authorizer.authorize(attributes);
  return { allowed, ...(denied && { denied }), ...((allowed || denied) && reason && { reason }) };
}

const subjectOf = ({ user, uid, groups, extra }: Spec): UserInfo => ({
  name: user ?? '',
  groups: groups ?? [],
  ...(uid && { uid }),
  ...(extra && { extra }),
});

export const subjectAccessReview: Review = async ({ tools, object }) => {
  const { spec } = object as unknown as SubjectAccessReview;
  reject([...checkAttributes(spec), ...checkSubject(spec)]);
  return { metadata: {}, spec, status: await statusOf(tools.authorizer, attributesOf(spec, subjectOf(spec))) };
};

export const localSubjectAccessReview: Review = async ({ tools, object, path }) => {
  const { spec } = object as unknown as SubjectAccessReview;
  const namespace = path.namespace ?? '';
  reject([...checkAttributes(spec), ...checkSubject(spec), ...checkNamespace(spec, namespace)]);
  return { metadata: { namespace }, spec, status: await statusOf(tools.authorizer, attributesOf(spec, subjectOf(spec))) };
};

export const selfSubjectAccessReview: Review = async ({ tools, context, object }) => {
  const { spec } = object as unknown as SubjectAccessReview;
  reject(checkAttributes(spec));
  return { metadata: {}, spec, status: await statusOf(tools.authorizer, attributesOf(spec, context.user)) };
};
