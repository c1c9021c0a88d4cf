// Probes and lifecycle hooks.

import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { ExecAction, GRPCAction, HTTPGetAction, Lifecycle, Probe, SleepAction, TCPSocketAction } from '../../gen/types.js';
import { httpHeaderNameErrors, portNameErrors, portNumberErrors } from '../../names.js';
import { invalidFor, notNegative } from '../field-checks.js';

interface Handler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
  readonly sleep?: SleepAction;
}

export const portErrors = (port: number | string | undefined, path: string): FieldError[] =>
  typeof port === 'string' ? invalidFor(path, port, portNameErrors(port)) : invalidFor(path, port ?? 0, portNumberErrors(port ?? 0));

function httpGetErrors({ path: url, port, scheme, httpHeaders }: HTTPGetAction, path: string): FieldError[] {
  const errors = url ? [] : [required(`${path}.path`)];
  errors.push(...portErrors(port, `${path}.port`));
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') errors.push(notSupported(`${path}.scheme`, scheme ?? '', ['HTTP', 'HTTPS']));
  return [...errors, ...(httpHeaders ?? []).flatMap(({ name }) => invalidFor(`${path}.httpHeaders`, name, httpHeaderNameErrors(name)))];
}

function handlerErrors(handler: Handler, gracePeriod: number | undefined, path: string): FieldError[] {
  const checks: Record<keyof Handler, () => FieldError[]> = {
    exec: () => (handler.exec?.command?.length ? [] : [required(`${path}.exec.command`)]),
    httpGet: () => httpGetErrors(handler.httpGet!, `${path}.httpGet`),
    tcpSocket: () => portErrors(handler.tcpSocket!.port, `${path}.tcpSocket.port`),
    grpc: () => portErrors(handler.grpc!.port, `${path}.grpc.port`),
    sleep: () => sleepErrors(handler.sleep!.seconds, gracePeriod, `${path}.sleep`),
  };
  const given = (Object.keys(checks) as (keyof Handler)[]).filter((kind) => handler[kind] !== undefined);
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  return given.flatMap((kind, index) =>
    index === 0 ? checks[kind]() : [forbiddenField(`${path}.${kind}`, 'may not specify more than 1 handler type')],
  );
}

const sleepErrors = (seconds: number, gracePeriod: number | undefined, path: string): FieldError[] =>
  gracePeriod !== undefined && (seconds < 0 || seconds > gracePeriod)
    ? [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)]
    : [];

export function lifecycleErrors({ postStart, preStop, stopSignal }: Lifecycle, gracePeriod: number | undefined, path: string): FieldError[] {
  return [
    ...(postStart ? handlerErrors(postStart, gracePeriod, `${path}.postStart`) : []),
    ...(preStop ? handlerErrors(preStop, gracePeriod, `${path}.preStop`) : []),
    ...(stopSignal === '' ? [required(`${path}.stopSignal`)] : []),
  ];
}

export type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

export function probeErrors(probe: Probe, kind: ProbeKind, gracePeriod: number | undefined, path: string): FieldError[] {
  const errors = handlerErrors(probe, gracePeriod, path);
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const)
    errors.push(...notNegative(`${path}.${name}`, probe[name]));
  const own = probe.terminationGracePeriodSeconds;
  if (own !== undefined && own <= 0) errors.push(invalid(`${path}.terminationGracePeriodSeconds`, own, 'must be greater than 0'));
  if (kind === 'readinessProbe') {
    if (own !== undefined) errors.push(invalid(`${path}.terminationGracePeriodSeconds`, own, 'must not be set for readinessProbes'));
  } else if (probe.successThreshold !== 1) errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  return errors;
}
