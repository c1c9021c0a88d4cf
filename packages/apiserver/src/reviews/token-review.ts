// TokenReview: whether a bearer token is good, and whose it is.
import { badRequest, type TokenReview } from '@steersman/api';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.js';
import { reviewedUser } from '../authn/user.js';
import type { Review } from './review.js';

function problemOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message ? `[invalid bearer token, ${cause.message}]` : 'invalid bearer token';
}

export const tokenReview =
  (tokens: ServiceAccountTokens): Review =>
  async ({ object }) => {
    const { spec } = object as unknown as TokenReview;
    if (!spec.token) throw badRequest('token is required for TokenReview in authentication');
    const status = await tokens.review(spec.token, spec.audiences?.length ? spec.audiences : [tokens.issuer]).then(
      ({ user, audiences }) => ({ authenticated: true, user: reviewedUser(user), audiences }),
      (error: unknown) => ({ user: {}, error: problemOf(error) }),
    );
    return { metadata: {}, spec, status };
  };
