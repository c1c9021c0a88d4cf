// What a kubelet serves to the API server.
import type { NodeApi } from '@steersman/rpc';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { PodManager } from '../pods/pod-manager.js';
import { attachSession, execSession } from './exec.js';
import { serveLogs } from './logs.js';
import { servePortForward } from './port-forward.js';
import { serveProxy } from './proxy.js';

export const createNodeApi = (context: KubeletContext, pods: PodManager): NodeApi => ({
  logs: (request, signal) => serveLogs(context, pods, { request, signal }),
  exec: (input, signal) => execSession(context, pods, { input, signal }),
  attach: (input, signal) => attachSession(context, pods, { input, signal }),
  portForward: (input, signal) => servePortForward(context, pods, { input, signal }),
  proxy: (request) => serveProxy(context, pods, request),
});
