// The API over HTTPS, as every other Kubernetes client speaks it; stands on undici, which is loaded when the first transport is made.
import { deepFreeze, type KubernetesObject, type Status, StatusError, serviceUnavailable } from '@steersman/api';
import type { Agent, Dispatcher } from 'undici';
import { urlPath, urlQuery } from './rest-path.js';
import type { TokenSource } from './service-account-token.js';
import type {
  ApiTransport,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ListResult,
  PatchType,
  ResourcePath,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './transport.js';

/** Where the server is and how to prove who we are: a client certificate, a token, or neither. */
export interface RestConfig {
  readonly server: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** Gives tokens that are renewed, instead of the one. */
  readonly tokens?: TokenSource;
  /** The program that calls, for the managers of what it writes. */
  readonly program?: string;
}

interface Answer {
  readonly code: number;
  readonly body: Dispatcher.ResponseData['body'];
}

interface ListBody {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  readonly items?: KubernetesObject[] | null;
}

export class RestTransport implements ApiTransport {
  private readonly undici = import('undici');
  private readonly agent: Promise<Agent>;

  constructor(private readonly config: RestConfig) {
    const { ca, cert, key } = config;
    const connect = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    this.agent = this.undici.then(({ Agent }) => new Agent({ connect, bodyTimeout: 0, pipelining: 1 }));
  }

  get(path: ResourcePath, options: GetOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.object('GET', urlPath(path) + urlQuery(options), signal);
  }

  async list(path: ResourcePath, options: ListOptions, signal?: AbortSignal): Promise<ListResult> {
    const list = (await this.object('GET', urlPath(path) + urlQuery(options), signal)) as ListBody;
    const kind = list.kind?.replace(/List$/, '');
    const items = (list.items ?? []).map((item) => (item.kind || !kind ? item : { apiVersion: list.apiVersion ?? '', ...item, kind }));
    const { resourceVersion = '', continue: next, remainingItemCount } = list.metadata ?? {};
    return { items, resourceVersion, ...(next && { continue: next }), ...(remainingItemCount !== undefined && { remainingItemCount }) };
  }

  async *watch(path: ResourcePath, options: WatchOptions, signal: AbortSignal): AsyncIterable<readonly WatchEvent[]> {
    try {
      const { body } = await this.send('GET', urlPath(path) + urlQuery({ ...options, watch: true }), signal);
      let rest = '';
      body.setEncoding('utf8');
      for await (const chunk of body as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        const events = lines.filter(Boolean).map((line) => deepFreeze(JSON.parse(line) as WatchEvent));
        if (events.length) yield events;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  create(path: ResourcePath, object: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.object('POST', urlPath(path) + urlQuery(options), signal, object);
  }

  update(path: ResourcePath, object: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.object('PUT', urlPath(path) + urlQuery(options), signal, object);
  }

  patch(path: ResourcePath, type: PatchType, patch: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.object('PATCH', urlPath(path) + urlQuery(options), signal, patch, type);
  }

  delete(path: ResourcePath, options: DeleteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.object('DELETE', urlPath(path), signal, { kind: 'DeleteOptions', apiVersion: 'v1', ...options });
  }

  deleteCollection(path: ResourcePath, options: DeleteOptions, selectors: ListOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.object('DELETE', urlPath(path) + urlQuery(selectors), signal, { kind: 'DeleteOptions', apiVersion: 'v1', ...options });
  }

  /** A request to any path, such as /readyz; gives the body as text. */
  async raw(path: string, signal?: AbortSignal): Promise<string> {
    const { body } = await this.send('GET', path, signal);
    return body.text();
  }

  async close(): Promise<void> {
    await (await this.agent).close();
  }

  private async object(
    method: Dispatcher.HttpMethod,
    url: string,
    signal?: AbortSignal,
    body?: unknown,
    type = 'application/json',
  ): Promise<KubernetesObject> {
    const answer = await this.send(method, url, signal, body, type);
    return deepFreeze((await answer.body.json()) as KubernetesObject);
  }

  private async send(method: Dispatcher.HttpMethod, url: string, signal?: AbortSignal, body?: unknown, type = 'application/json'): Promise<Answer> {
    const { server, tokens, program } = this.config;
    const token = tokens ? await tokens.token() : this.config.token;
    const headers = {
      ...(program && { 'user-agent': program }),
      accept: 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': type }),
    };
    const { request } = await this.undici;
    const answer = await request(server + url, {
      method,
      headers,
      dispatcher: await this.agent,
      ...(signal && { signal }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: Error) => {
      throw signal?.aborted ? cause : Object.assign(serviceUnavailable(`${server} does not answer: ${cause.message}`), { cause });
    });
    if (answer.statusCode === 401 && token) tokens?.refused(token);
    if (answer.statusCode >= 400) throw await failure(answer);
    return { code: answer.statusCode, body: answer.body };
  }
}

async function failure({ statusCode, body }: Dispatcher.ResponseData): Promise<Error> {
  const text = await body.text();
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return new StatusError(status);
  } catch {
    // Not a Status: a proxy or another server answered.
  }
  return new StatusError({ code: statusCode, reason: 'Unknown', message: text.slice(0, 500) });
}
