// The config map cluster-info tells new nodes how to reach the cluster; it carries a signature by each bootstrap token,
// so that who holds a token knows that the cluster does, too.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
import { createHmac } from 'node:crypto';
import {
  type BootstrapToken,
  bootstrapTokenOf,
  type Clock,
  type ConfigMap,
  deepEqual,
  isDeleting,
  isExpired,
  type KubernetesObject,
} from '@steersman/api';
import type { Client, InformerFactory } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

const namespace = 'kube-public';
const mapName = 'cluster-info';
const kubeconfigKey = 'kubeconfig';
const signaturePrefix = 'jws-kubeconfig-';
/** Timers do not reach further than some weeks. */
const longestMs = 24 * 3600 * 1000;

export interface BootstrapSignerOptions {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
}

export class BootstrapSigner implements Controller<'ConfigMap'> {
  readonly name = 'bootstrap-signer';
  readonly watches = 'ConfigMap';
  readonly related = [
    {
      kind: 'Secret' as const,
      keysOf: ({ object }: { object: KubernetesObject }) => (bootstrapTokenOf(object as never) ? [`${namespace}/${mapName}`] : []),
    },
  ];

  constructor(private readonly options: BootstrapSignerOptions) {}

  async reconcile(map: ConfigMap): Promise<Result> {
    if (map.metadata.namespace !== namespace || map.metadata.name !== mapName || isDeleting(map)) return done;
    const { client, clock } = this.options;
    const tokens = this.tokens();
    const content = map.data?.[kubeconfigKey];
    if (content !== undefined) {
      const kept = Object.entries(map.data ?? {}).filter(([key]) => !key.startsWith(signaturePrefix));
      const data = Object.fromEntries([...kept, ...tokens.map((token) => [signaturePrefix + token.id, signature(content, token)] as const)]);
      if (!deepEqual(data, map.data)) await client.update<ConfigMap>({ ...map, data });
    }
    const ends = tokens.flatMap(({ expiresMs }) => expiresMs ?? []);
    return ends.length ? { requeueAfterMs: Math.max(1, Math.min(Math.min(...ends) - clock.now(), longestMs)) } : done;
  }

  /** The tokens that sign, as of now. */
  private tokens(): BootstrapToken[] {
    const { informers, clock } = this.options;
    return informers
      .of('Secret')
      .lister.list('kube-system')
      .flatMap((secret) => bootstrapTokenOf(secret) ?? [])
      .filter((token) => token.isFor('signing') && !isExpired(token, clock.now()));
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

/** A JSON web signature without what it signs: that stands beside it. */
export function signature(content: string, { id, secret }: Pick<BootstrapToken, 'id' | 'secret'>): string {
  const header = encoded(JSON.stringify({ alg: 'HS256', kid: id }));
  const mac = createHmac('sha256', secret)
    .update(`${header}.${encoded(content)}`)
    .digest('base64url');
  return `${header}..${mac}`;
}
