// What the authorizer answers to checks in expressions.
import type { AccessCheck, Decide } from '@steersman/cel';
import { authenticatedGroup, type UserInfo } from '../../authn/user.js';
import type { Authorizer } from '../../authz/authorizer.js';
import type { AdmissionRequest } from '../admission.js';

const userOf = ({ serviceAccount }: AccessCheck, user: UserInfo): UserInfo => {
  if (!serviceAccount) return user;
  const [namespace, name] = serviceAccount;
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
  };
};

/** Decides as the server would for a request of the same user; each question is asked once. */
export function accessDecision(authorizer: Authorizer, { user: requester }: AdmissionRequest): Decide {
  const answers = new Map<string, ReturnType<Decide>>();
  return (check) => {
    const question = JSON.stringify(check);
    const known = answers.get(question);
    if (known) return known;
    const { verb, path, group = '', resource = '', subresource, namespace, name } = check;
    const user = userOf(check, requester);
    const answer = authorizer.authorize(
      path === undefined
        ? {
            user,
            verb,
            group,
            version: '*',
            resource,
            ...(subresource && { subresource }),
            ...(namespace && { namespace }),
            ...(name && { name }),
          }
        : { user, verb, path },
    );
    answers.set(question, answer);
    return answer;
  };
}

/** What a request is about, as checks name it. */
export function requestTarget({ resource, subresource, namespace, name }: AdmissionRequest): Omit<AccessCheck, 'verb'> {
  const { group, resource: plural } = resource.definition.info;
  return { group, resource: plural, ...(subresource && { subresource }), ...(namespace && { namespace }), ...(name && { name }) };
}
