// SelfSubjectReview: who the server takes the asker for.
import { toTime } from '@steersman/api';
import { reviewedUser } from '../authn/user.js';
import type { Review } from './review.js';

export const selfSubjectReview: Review = ({ tools, context }) => ({
  metadata: { creationTimestamp: toTime(tools.clock.now()) },
  status: { userInfo: reviewedUser(context.user) },
});
