// The health and metrics endpoints of a component: /healthz, /livez, /readyz (each check by name, ?verbose) and /metrics.
// Mirrors https://kubernetes.io/docs/reference/using-api/health-checks/
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { aborted } from './lifecycle.js';

/** One named check; throws, or rejects, with the reason why it fails. */
export interface HealthCheck {
  readonly name: string;
  /** Checks of readiness only are left out of /livez. */
  readonly readinessOnly?: boolean;
  check(): void | Promise<void>;
}

export interface HealthAnswer {
  readonly code: 200 | 404 | 500;
  readonly text: string;
}

const endpoints = new Set(['healthz', 'livez', 'readyz']);

/** Answers a path such as /readyz, /livez?verbose or /readyz/ping; undefined where the path is none of these. */
export async function answerHealth(url: string, checks: readonly HealthCheck[]): Promise<HealthAnswer | undefined> {
  const { pathname, searchParams } = new URL(url, 'http://health');
  const [endpoint = '', single, ...rest] = pathname.slice(1).split('/');
  if (!endpoints.has(endpoint) || rest.length) return undefined;
  const excluded = new Set(searchParams.getAll('exclude'));
  const applicable = checks.filter(({ name, readinessOnly }) => !excluded.has(name) && !(readinessOnly && endpoint !== 'readyz'));
  const chosen = single ? applicable.filter(({ name }) => name === single) : applicable;
  if (single && chosen.length === 0) return { code: 404, text: '404 page not found\n' };
  const lines: string[] = [];
  let failed = false;
  for (const one of chosen) {
    try {
      await one.check();
      lines.push(`[+]${one.name} ok`);
    } catch {
      failed = true;
      lines.push(`[-]${one.name} failed: reason withheld`);
    }
  }
  if (failed) return { code: 500, text: `${lines.join('\n')}\n${endpoint} check failed\n` };
  return { code: 200, text: searchParams.has('verbose') ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok' };
}

export interface HealthServerOptions {
  readonly host?: string;
  readonly port: number;
  readonly checks: readonly HealthCheck[];
  readonly metrics: Registry;
}

/** Serves health and metrics over plain HTTP, on loopback unless told otherwise. */
export class HealthServer {
  readonly name = 'health server';

  constructor(private readonly options: HealthServerOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { host = '127.0.0.1', port } = this.options;
    const server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(new Error(`listening on ${host}:${port}`, { cause })));
      server.listen(port, host, resolve);
    });
    await aborted(signal);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { checks, metrics } = this.options;
    const url = request.url ?? '/';
    if (url === '/metrics') {
      response.setHeader('Content-Type', metrics.contentType);
      response.end(await metrics.metrics());
      return;
    }
    const health = await answerHealth(url, checks);
    response.statusCode = health?.code ?? 404;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(health?.text ?? '404 page not found\n');
  }
}
