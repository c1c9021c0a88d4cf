// The kubelet's own HTTP endpoints: health, its pods, statistics, metrics, configuration.
import type { nodeV1 } from '@steersman/rpc';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { PodManager } from '../pods/pod-manager.js';
import { metricsText } from './metrics.js';
import { statsSummary } from './stats-summary.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (body: unknown): Answer => ({ status: 200, type: 'application/json', body: JSON.stringify(body) });
const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

async function answer(context: KubeletContext, pods: PodManager, path: string): Promise<Answer> {
  const { pathname } = new URL(path, 'http://kubelet');
  switch (pathname.replace(/\/$/, '') || '/') {
    case '/healthz':
    case '/healthz/ping':
    case '/healthz/syncloop':
      return text(200, 'ok');
    case '/pods':
    case '/runningpods':
      return json(podList(context, pods));
    case '/stats/summary':
      return json(await statsSummary(context, pods));
    case '/metrics':
      return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await metricsText(context, pods) };
    case '/configz':
      return json(configuration(context));
    default:
      return text(404, '404 page not found\n');
  }
}

/** The pods as the kubelet knows them, with the newest statuses. */
function podList({ statuses }: KubeletContext, pods: PodManager): unknown {
  const items = pods.list().map(({ metadata, spec, status }) => ({ metadata, spec, status: statuses.get(metadata.uid ?? '') ?? status }));
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

const configuration = ({ clusterDns, clusterDomain, node }: KubeletContext): unknown => ({
  kubeletconfig: {
    clusterDNS: clusterDns,
    clusterDomain,
    maxPods: Number(node.capacity['pods']),
    nodeStatusUpdateFrequency: '10s',
    nodeStatusReportFrequency: '5m0s',
    nodeLeaseDurationSeconds: 40,
    syncFrequency: '1m0s',
  },
});

export async function* serveProxy(
  context: KubeletContext,
  pods: PodManager,
  { method, path }: nodeV1.ProxyRequest,
): AsyncIterable<nodeV1.ProxyResponse> {
  const { status, type, body } = method === 'GET' || method === 'HEAD' ? await answer(context, pods, path) : text(405, 'Method Not Allowed\n');
  yield { status, headers: { 'Content-Type': type }, data: Buffer.from(method === 'HEAD' ? '' : body) };
}
