// TokenReview: whether a bearer token is good, and whose it is.
import { badRequest, type TokenReview } from '@steersman/api';
import type { Authentication } from '../authn/authentication.js';
import { reviewedUser } from '../authn/user.js';
import type { Review } from './review.js';

function problemOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message ? `[invalid bearer token, ${cause.message}]` : 'invalid bearer token';
}

export const tokenReview =
  (authentication: Authentication): Review =>
  async ({ object }) => {
    const { spec } = object as unknown as TokenReview;
    if (!spec.token) throw badRequest('token is required for TokenReview in authentication');
    const status = await authentication.review(spec.token, spec.audiences).then(
      ({ user, audiences }) => ({ authenticated: true, user: reviewedUser(user), audiences }),
      (error: unknown) => ({ user: {}, error: problemOf(error) }),
    );
    return { metadata: {}, spec, status };
  };
