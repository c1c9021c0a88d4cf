// Runs one probe once.
// Mirrors https://github.com/kubernetes/kubernetes/tree/master/pkg/probe
import type { Clock, Probe } from '@steersman/api';
import { messageOf } from '../containers/container-error.js';
import type { AnyContainer } from '../pods/pod.js';
import type { ContainerRuntime } from '../runtime/container-runtime.js';
import { grpcServes } from './grpc-probe.js';
import { httpRequest } from './http-probe.js';
import { resolvePort } from './probe-port.js';
import { tcpConnects } from './tcp-probe.js';

export interface ProbeTarget {
  readonly container: AnyContainer;
  readonly containerId: string;
  readonly podIp: string;
}

/** How a probe ended: whether it succeeded, and what it said. */
export interface ProbeOutcome {
  readonly success: boolean;
  readonly output: string;
  /** Nothing could be found out (the container is gone): counts as nothing. */
  readonly unknown?: boolean;
}

export async function runProbe(
  tools: { readonly runtime: ContainerRuntime; readonly clock: Clock },
  probe: Probe,
  target: ProbeTarget,
): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  try {
    if (probe.exec) return await execProbe(tools.runtime, probe.exec.command ?? [], { target, timeoutMs });
    if (probe.httpGet) return await httpProbe(probe.httpGet, target, timeoutMs);
    if (probe.tcpSocket)
      await tcpConnects(tools.clock, {
        host: probe.tcpSocket.host || target.podIp,
        port: resolvePort(probe.tcpSocket.port, target.container),
        timeoutMs,
      });
    if (probe.grpc) await grpcServes(tools.clock, { host: target.podIp, port: probe.grpc.port, service: probe.grpc.service ?? '', timeoutMs });
    return { success: true, output: '' };
  } catch (error) {
    return { success: false, output: messageOf(error) };
  }
}

/** How much of a command's output is kept. */
const mostOutput = 10 * 1024;

async function execProbe(
  runtime: ContainerRuntime,
  command: readonly string[],
  { target, timeoutMs }: { target: ProbeTarget; timeoutMs: number },
): Promise<ProbeOutcome> {
  const result = await runtime.execSync(target.containerId, command, timeoutMs).catch(() => undefined);
  if (!result) return { success: false, output: '', unknown: true };
  const { exitCode, stdout, stderr, timedOut } = result;
  if (timedOut) return { success: false, output: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s` };
  return { success: exitCode === 0, output: (stdout + stderr).slice(0, mostOutput) };
}

async function httpProbe(action: NonNullable<Probe['httpGet']>, target: ProbeTarget, timeoutMs: number): Promise<ProbeOutcome> {
  const { statusCode, body } = await httpRequest({
    ...action,
    host: action.host || target.podIp,
    port: resolvePort(action.port, target.container),
    timeoutMs,
    userAgent: 'kube-probe/1.35',
  });
  const success = statusCode >= 200 && statusCode < 400;
  return { success, output: success ? body : `HTTP probe failed with statuscode: ${statusCode}` };
}
