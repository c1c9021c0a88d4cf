// SelfSubjectReview: who the server takes the asker for.
import { toTime } from '@steersman/api';
import type { Review } from './review.js';
import { userInfo } from './token-review.js';

export const selfSubjectReview: Review = ({ tools, context }) => ({
  metadata: { creationTimestamp: toTime(tools.clock.now()) },
  status: { userInfo: userInfo(context.user) },
});
