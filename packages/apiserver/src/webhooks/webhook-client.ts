// Calls webhooks: JSON posted over TLS to a URL, or to a service of the cluster.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
import { Agent, request } from 'node:https';
import type { Clock, WebhookClientConfig } from '@steersman/api';
import type { Endpoint, ServicePort } from '../streaming/service-endpoint.js';

export interface WebhookClientOptions {
  readonly clock: Clock;
  /** Where a service can be reached. */
  endpointOf(service: ServicePort): Endpoint;
}

/** The webhook could not be reached, or did not answer as it should. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

interface Destination {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

const maxAnswerBytes = 16 * 1024 * 1024;

export class WebhookClient {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly options: WebhookClientOptions) {}

  /** What the webhook answers, parsed; throws WebhookError. */
  async post(config: WebhookClientConfig, body: unknown, timeoutSeconds: number): Promise<unknown> {
    const url = urlOf(config);
    url.searchParams.set('timeout', `${timeoutSeconds}s`);
    const text = await this.exchange(config, { body: JSON.stringify(body), url, timeoutMs: timeoutSeconds * 1000 });
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new WebhookError(`couldn't get version/kind; json parse error: ${(cause as Error).message}`, { cause });
    }
  }

  private exchange(config: WebhookClientConfig, { url, body, timeoutMs }: { url: URL; body: string; timeoutMs: number }): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string, cause?: unknown): void => reject(new WebhookError(`Post ${JSON.stringify(url.href)}: ${why}`, { cause }));
      let destination: Destination;
      try {
        destination = this.destination(config, url);
      } catch (cause) {
        fail((cause as Error).message, cause);
        return;
      }
      const onward = request(
        {
          host: destination.host,
          port: destination.port,
          path: url.pathname + url.search,
          method: 'POST',
          agent: this.agent,
          servername: url.hostname,
          headers: { 'Content-Type': 'application/json', Accept: 'application/json', Host: url.host, 'Content-Length': Buffer.byteLength(body) },
          ...(config.caBundle && { ca: Buffer.from(config.caBundle, 'base64') }),
        },
        (answer) => {
          const parts: Buffer[] = [];
          let size = 0;
          answer.on('data', (part: Buffer) => {
            parts.push(part);
            size += part.length;
            if (size > maxAnswerBytes) onward.destroy(new Error('the answer is too large'));
          });
          answer.on('error', (cause) => fail(cause.message, cause));
          answer.on('end', () => {
            timer.cancel();
            const text = Buffer.concat(parts).toString();
            const code = answer.statusCode ?? 0;
            if (code >= 200 && code < 300) resolve(text);
            else reject(new WebhookError(refusal(code, text)));
          });
        },
      );
      const timer = this.options.clock.after(timeoutMs, () => onward.destroy(new Error('context deadline exceeded')));
      onward.on('error', (cause) => {
        timer.cancel();
        fail(cause.message, cause);
      });
      onward.end(body);
    });
  }

  private destination({ service }: WebhookClientConfig, url: URL): Destination {
    if (!service) return { url, host: url.hostname, port: Number(url.port) || 443 };
    const { namespace = '', name = '', port = 443 } = service;
    return { url, ...this.options.endpointOf({ namespace, name, port: String(port) }) };
  }
}

function urlOf({ url, service }: WebhookClientConfig): URL {
  if (url) return new URL(url);
  const { namespace, name, port = 443, path = '' } = service ?? {};
  return new URL(`https://${name}.${namespace}.svc:${port}${path}`);
}

const refusal = (code: number, text: string): string =>
  code >= 500
    ? `an error on the server (${JSON.stringify(text.trim() || 'unknown')}) has prevented the request from succeeding`
    : `the server rejected our request with status ${code}: ${text.trim()}`;
