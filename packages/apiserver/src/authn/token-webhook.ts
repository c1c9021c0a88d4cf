// Bearer tokens that a service elsewhere knows: asked by a TokenReview, remembered for a while.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
import { createHash } from 'node:crypto';
import type { Clock, TokenReview } from '@steersman/api';
import { parseAnswer } from '../webhooks/https-exchange.js';
import type { RemoteService } from '../webhooks/remote-service.js';
import { forOwnAudiences, type TokenAuthenticator, type TokenIdentity } from './authenticator.js';
import { authenticatedGroup, type UserInfo } from './user.js';

export interface TokenWebhookOptions {
  readonly service: Pick<RemoteService, 'post'>;
  readonly version: 'v1' | 'v1beta1';
  /** How long an answer is remembered; 0 remembers none. */
  readonly cacheMs: number;
  readonly clock: Clock;
  /** The audiences of the API itself. */
  readonly audiences: readonly string[];
}

interface Remembered {
  readonly answer: Promise<TokenIdentity | undefined>;
  readonly untilMs: number;
}

/** So many answers are remembered. */
const mostRemembered = 4096;

export class TokenWebhook implements TokenAuthenticator {
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly options: TokenWebhookOptions) {}

  review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const { clock, cacheMs } = this.options;
    const key = createHash('sha256')
      .update(JSON.stringify([token, audiences]))
      .digest('base64');
    const known = this.remembered.get(key);
    if (known && known.untilMs > clock.now()) return known.answer;
    const answer = this.ask(token, audiences);
    this.remembered.delete(key);
    const [oldest] = this.remembered.keys();
    if (oldest !== undefined && this.remembered.size >= mostRemembered) this.remembered.delete(oldest);
    this.remembered.set(key, { answer, untilMs: clock.now() + cacheMs });
    // What could not be answered is asked again.
    answer.catch(() => this.remembered.delete(key));
    return answer;
  }

  private async ask(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const { service, version } = this.options;
    const review = { apiVersion: `authentication.k8s.io/${version}`, kind: 'TokenReview', metadata: {}, spec: { token, audiences } };
    let status: NonNullable<TokenReview['status']>;
    try {
      status = (parseAnswer(await service.post(review)) as TokenReview | null)?.status ?? {};
    } catch (cause) {
      throw new Error('asking the webhook about a token', { cause });
    }
    if (status.error) throw new Error('the webhook refused a token', { cause: new Error(status.error) });
    if (!status.authenticated) return undefined;
    const { username = '', uid, groups = [], extra } = status.user ?? {};
    const user: UserInfo = { name: username, groups: [...groups, authenticatedGroup], ...(uid && { uid }), ...(extra && { extra }) };
    if (!status.audiences?.length) return forOwnAudiences(user, audiences, this.options.audiences);
    const granted = audiences.filter((one) => status.audiences?.includes(one));
    return granted.length ? { user, audiences: granted } : undefined;
  }
}
