// Service account tokens for pods, asked for by TokenRequest and renewed at 80% of their life or after a day.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/token/token_manager.go
import { type Clock, fromTime } from '@steersman/api';
import { type Client, requestToken } from '@steersman/client';
import { messageOf } from '../containers/container-error.js';
import { type NodePod, nameOf, namespaceOf, uidOf } from '../pods/pod.js';

interface Held {
  readonly token: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

const dayMs = 24 * 3600 * 1000;

export class TokenManager {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
  ) {}

  async token(pod: NodePod, { audience, expirationSeconds }: { audience: string; expirationSeconds: number }): Promise<string> {
    const account = pod.spec.serviceAccountName ?? 'default';
    const key = [uidOf(pod), account, audience, expirationSeconds].join('\n');
    const known = this.held.get(key);
    if (known && this.clock.now() < known.renewAtMs) return known.token;
    try {
      const { token, expirationTimestamp } = await requestToken(
        this.client,
        { namespace: namespaceOf(pod), name: account },
        {
          audiences: audience ? [audience] : [],
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: uidOf(pod) },
        },
      );
      const expiresAtMs = fromTime(expirationTimestamp);
      const lifeMs = expiresAtMs - this.clock.now();
      this.held.set(key, { token, expiresAtMs, renewAtMs: this.clock.now() + Math.min(lifeMs * 0.8, dayMs) });
      return token;
    } catch (error) {
      if (known && this.clock.now() < known.expiresAtMs) return known.token;
      throw new Error(`failed to fetch token: ${messageOf(error)}`, { cause: error });
    }
  }

  forget(uid: string): void {
    for (const key of this.held.keys()) if (key.startsWith(`${uid}\n`)) this.held.delete(key);
  }
}
