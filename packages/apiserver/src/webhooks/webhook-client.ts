// Calls webhooks: JSON posted over TLS to a URL, or to a service of the cluster.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
import { Agent } from 'node:https';
import type { Clock, WebhookClientConfig } from '@steersman/api';
import type { Endpoint, ServicePort } from '../streaming/service-endpoint.js';
import { httpsExchange, parseAnswer, WebhookError } from './https-exchange.js';

export interface WebhookClientOptions {
  readonly clock: Clock;
  /** Where a service can be reached. */
  endpointOf(service: ServicePort): Endpoint;
}

export class WebhookClient {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly options: WebhookClientOptions) {}

  /** What the webhook answers, parsed; throws WebhookError. */
  async post(config: WebhookClientConfig, body: unknown, timeoutSeconds: number): Promise<unknown> {
    const url = urlOf(config);
    url.searchParams.set('timeout', `${timeoutSeconds}s`);
    const { agent } = this;
    const address = this.addressOf(config, url);
    const text = await httpsExchange({
      url,
      ...(address && { address }),
      body,
      timeoutMs: timeoutSeconds * 1000,
      agent,
      clock: this.options.clock,
      ...(config.caBundle && { ca: Buffer.from(config.caBundle, 'base64') }),
    });
    return parseAnswer(text);
  }

  private addressOf({ service }: WebhookClientConfig, url: URL): Endpoint | undefined {
    if (!service) return undefined;
    const { namespace = '', name = '', port = 443 } = service;
    try {
      return this.options.endpointOf({ namespace, name, port: String(port) });
    } catch (cause) {
      throw new WebhookError(`Post ${JSON.stringify(url.href)}: ${(cause as Error).message}`, { cause });
    }
  }
}

function urlOf({ url, service }: WebhookClientConfig): URL {
  if (url) return new URL(url);
  const { namespace, name, port = 443, path = '' } = service ?? {};
  return new URL(`https://${name}.${namespace}.svc:${port}${path}`);
}
