// The reviews the server answers, by `group/resource`.
import type { Authentication } from '../authn/authentication.js';
import type { RbacAuthorizer } from '../authz/rbac-authorizer.js';
import type { Review, Reviews } from './review.js';
import { selfSubjectReview } from './self-subject-review.js';
import { selfSubjectRulesReview } from './self-subject-rules-review.js';
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from './subject-access-review.js';
import { tokenReview } from './token-review.js';

export const builtinReviews = ({ authentication, rbac }: { authentication: Authentication; rbac: RbacAuthorizer }): Reviews =>
  new Map<string, Review>([
    ['authentication.k8s.io/selfsubjectreviews', selfSubjectReview],
    ['authentication.k8s.io/tokenreviews', tokenReview(authentication)],
    ['authorization.k8s.io/subjectaccessreviews', subjectAccessReview],
    ['authorization.k8s.io/localsubjectaccessreviews', localSubjectAccessReview],
    ['authorization.k8s.io/selfsubjectaccessreviews', selfSubjectAccessReview],
    ['authorization.k8s.io/selfsubjectrulesreviews', selfSubjectRulesReview(rbac)],
  ]);
