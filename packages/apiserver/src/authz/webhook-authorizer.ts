// Asks a service elsewhere whether somebody may, by a SubjectAccessReview; its answers are remembered for a while. It is asked when a
// request comes in; what the server decides on the way (expressions, escalation) goes by what is remembered.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/webhook/
import type { Clock, Logger, SubjectAccessReview } from '@steersman/api';
import { parseAnswer } from '../webhooks/https-exchange.js';
import type { RemoteService } from '../webhooks/remote-service.js';
import { reviewSpecOf } from './access-review.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';
import type { ReviewConditions } from './review-conditions.js';

export interface WebhookAuthorizerOptions {
  readonly name: string;
  readonly service: Pick<RemoteService, 'post'>;
  readonly version: 'v1' | 'v1beta1';
  readonly allowedMs: number;
  readonly deniedMs: number;
  /** What a request comes to that the service could not be asked about. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly conditions?: ReviewConditions;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Remembered {
  readonly decision: Decision;
  readonly untilMs: number;
}

const mostRemembered = 8192;
/** An answer is good for the request that it was asked for, however short its life. */
const leastMs = 1000;
const none: Decision = { allowed: false, reason: '' };

export class WebhookAuthorizer implements Authorizer {
  readonly name: string;
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly options: WebhookAuthorizerOptions) {
    this.name = options.name;
  }

  authorize(attributes: Attributes): Decision {
    return this.known(JSON.stringify(reviewSpecOf(attributes))) ?? none;
  }

  async prepare(attributes: Attributes): Promise<void> {
    const spec = reviewSpecOf(attributes);
    const key = JSON.stringify(spec);
    if (this.known(key)) return;
    const { conditions, allowedMs, deniedMs, failurePolicy, logger } = this.options;
    const failed: Decision = failurePolicy === 'Deny' ? { allowed: false, denied: true, reason: 'the authorization webhook failed' } : none;
    try {
      const matched = conditions?.matches(spec) ?? true;
      const decision = matched ? await this.ask(spec) : none;
      this.remember(key, decision, matched ? (decision.allowed ? allowedMs : deniedMs) : 0);
    } catch (err) {
      logger.warn('asking the authorization webhook failed', { name: this.name, err });
      this.remember(key, failed, 0);
    }
  }

  cannotList(): string {
    return 'webhook authorizer does not support user rule resolution';
  }

  private async ask(spec: object): Promise<Decision> {
    const review = { apiVersion: `authorization.k8s.io/${this.options.version}`, kind: 'SubjectAccessReview', metadata: {}, spec };
    const { status } = parseAnswer(await this.options.service.post(review)) as SubjectAccessReview;
    const { allowed = false, denied = false, reason = '' } = status ?? {};
    if (allowed && denied) throw new Error('webhook subject access review returned both allow and deny response');
    return { allowed, reason, ...(denied && { denied }) };
  }

  private known(key: string): Decision | undefined {
    const known = this.remembered.get(key);
    return known && known.untilMs > this.options.clock.now() ? known.decision : undefined;
  }

  private remember(key: string, decision: Decision, lifeMs: number): void {
    this.remembered.delete(key);
    const [oldest] = this.remembered.keys();
    if (oldest !== undefined && this.remembered.size >= mostRemembered) this.remembered.delete(oldest);
    this.remembered.set(key, { decision, untilMs: this.options.clock.now() + Math.max(lifeMs, leastMs) });
  }
}
